"""The certificates of periods in companies, deposited as files: one counts for a period, the last.

The school sees it (`enrolment.training`); nothing here refuses one that says too little.
"""
