"""What tests and measures of pages in a real browser share: how a page looks, what it weighs, how it comes."""
