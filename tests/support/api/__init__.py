"""What tests of the API share: the described routes, requests, and two schools at work."""
