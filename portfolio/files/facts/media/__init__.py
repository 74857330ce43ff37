"""Facts of pictures, films and sounds: how large, how long, when, with which device."""
