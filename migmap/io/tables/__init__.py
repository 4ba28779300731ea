"""Tables as they lie in files: sheets and text, their headers, what is set aside, surveys."""
