"""Programs that are not ours and that a machine may lack: LibreOffice prints, tesseract reads. Called by the worker
alone, wrapped by bubblewrap; where one cannot be run, nothing is promised in its name.
"""
