"""Facts of the files of Microsoft Office 97-2003, as far as their records tell them."""
