"""An application for a passport, which people leave half done; docs/wizard.md explains it.

python -m examples.passport
"""
