"""A letter in two forms, sent by SMTP or laid in a folder. Knows no message of the trade."""
