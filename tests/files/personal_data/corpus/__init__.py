"""A labelled French corpus of insurance life, frozen before anything was written that finds personal data.

Everything in it is invented: numbers are drawn at random with a right key, phones are of the ranges that Arcep and
Ofcom keep for fiction, addresses of mail are of domains that nobody can own. A value is not somebody's on purpose.

A file holds one source (mails, letters, sheets, mail headers, comments, notes of calls, screenshots read by OCR with
its faults, claim reports, medical forms, posts, CRM exports, photos, the candidate's own notes, the counter, traces of
devices). A snippet begins with a line `=== id`; a value to be found is written `[[kind:value]]`. Tabs stand between
cells, and a few values hold no-break spaces. `load` takes the marks away and gives the offsets.

What is marked
- Every value of the kinds below, whosever it is: a company's IBAN or phone is marked as well as a client's. Marks never
  overlap. The value alone is marked, neither the word that introduces it nor the punctuation round it.
- `nir`: thirteen digits and their key, with or without separators, 2A and 2B included. With a wrong key it is no NIR.
- `iban`: country, key and account, whole, valid modulo 97. Masked by stars or with a wrong key it is no IBAN.
- `phone`: a whole French number, national or international, or a whole foreign one. Short numbers are none.
- `email`: something@domain.tld. No domain, a handle or the id of a message are none.
- `plate`: of today (AB-123-CD, WW included) or from before 2009 (1234 AB 35), whatever stands between its parts.
- `card`: a payment card's number that Luhn accepts. SIRET, loyalty, cheque and membership numbers are none.
- `birth_date`: the date alone, where the same snippet names whom it is of (sentence, row or record). Dates of
  accidents, licences, due dates and vehicles are none.
- `health`: the words for an illness, injury, treatment, pregnancy, stay in hospital, sick leave or disability of
  somebody whom the snippet names. Covers and products (« garantie hospitalisation »), blank forms, rules and the
  appointment with a doctor are none.
- `policy_number`, `claim_number`: the number alone, where a word or the head of a column says that it is a contract's
  or a claim's. References of files, quotes, invoices, mandates, complaints, customers and candidates are none.
- `postal_address`: number and street (or named place) with the town where it is said, as one value. A street without a
  number, a postcode alone and a word as « place » in another sense are none.
- `person_name_in_header`: a person's name in a field or opening line of a mail (From, To, Cc, Reply-To, quoted head,
  organiser), without title or quotation marks. Names in the body and signature, services and companies are none.
- `gps`: one pair of coordinates, from its first figure or cardinal letter to its last, words between included.
- `device`: the model that made or sent what is read (EXIF, scanner, « Envoyé de mon … », connection), an IMEI, a MAC
  address. An insured or broken device named by its model, a system's version and a serial number are none.
- OCR: a value in which a letter was read for a digit (O for 0, l for 1) is marked as if it had been read right.

How it serves: a finding is right when it overlaps a marked value of its kind; each marked value counts once. A label
that proves wrong is corrected in a commit of its own that says why, since what was measured before no longer compares.
"""
