"""The office's pages: enrolment, people, commissions, sheets on their way to the jury, archives."""
