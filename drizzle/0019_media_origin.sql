-- Where kept bytes came from, so that lost or damaged ones can be restored. Older workers neither write nor read it.
alter table psn.media_blobs add column if not exists origin text;
