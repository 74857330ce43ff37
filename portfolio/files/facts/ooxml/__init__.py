"""Facts of the packages of Word, Excel and PowerPoint (ECMA-376), read part by part."""
