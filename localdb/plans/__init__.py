"""The site's own contingency plans: protocols, action cards, order sets, the telephone directory (FIELD §3.5).

`checking` what is taken, `papers` what a document is, `shelf` the signed rows and the sealed bytes, `directory` names
and numbers, `markdown` the few marks that we read. May import journal, store, records, vault and the PDF reader of
`sources`; knows no screen.
"""
