"""What LibreOffice and tesseract make of a file, once installed: run by `make office`, which installs them."""
