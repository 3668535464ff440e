"""Pages that live: birth by a GET, the view on its screen, events taken in."""
