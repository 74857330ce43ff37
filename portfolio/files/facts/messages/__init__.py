"""Facts of mails, and of the web pages that browsers save as one."""
