"""The domain: the exam's portfolio, its rules and its acts. It knows no HTTP."""
