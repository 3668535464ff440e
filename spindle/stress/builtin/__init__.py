"""The page that is opened when the user names none, alone and on a site."""
