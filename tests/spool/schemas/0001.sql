BEGIN TRANSACTION;
CREATE TABLE account (
	id VARCHAR(64) NOT NULL, 
	send_url TEXT NOT NULL, 
	datacenters JSON NOT NULL, 
	customer_number TEXT NOT NULL, 
	username TEXT NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id)
);
INSERT INTO "account" VALUES('bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','http://127.0.0.1:9/ha/rest/v1','{"dc1": "http://127.0.0.1:9/dc1/rest/v1", "dc2": "http://127.0.0.1:9/dc2/rest/v1"}','99999','sandbox');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempt (
	job_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	account_id VARCHAR(64) NOT NULL, 
	started_at DATETIME NOT NULL, 
	valid_until DATETIME NOT NULL, 
	outcome VARCHAR(32), 
	wire_id VARCHAR(64), 
	CONSTRAINT pk_attempt PRIMARY KEY (job_id, number), 
	CONSTRAINT fk_attempt_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_attempt_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "attempt" VALUES('5f51be2e5775b7bc981c1383d6281fab',1,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000',NULL,NULL);
INSERT INTO "attempt" VALUES('40348461a9ecce5cd65b28260994bcd7',1,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000','accepted','FJJ1');
INSERT INTO "attempt" VALUES('e13d4b1683c72458c435f70565228940',1,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000','perhaps_arrived',NULL);
INSERT INTO "attempt" VALUES('2a91fead2fbbceb0e077daa2b9fd1bba',1,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000','accepted','FJJ9');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	login VARCHAR(255) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	job_id VARCHAR(32), 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE TABLE content (
	id VARCHAR(32) NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR(64), 
	inline BLOB, 
	purged_at DATETIME, 
	CONSTRAINT pk_content PRIMARY KEY (id)
);
INSERT INTO "content" VALUES('55c18da20c782307af5e2e054e12ccfc',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('15d76cc41e4d7e73bcb6aa6ecd85edf4',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('207a3a19010f379a59e56daa2e038932',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
INSERT INTO "content" VALUES('e1a91ac57e515a743f8c9a1f5d378d86',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('f44b9a5041eafe8b5c969784a31b84f9',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
INSERT INTO "content" VALUES('932a9cd13f43264b1df3cb70c6310ad6',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('4e56c0f33e7a62e97a72a195d9038d1e',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
INSERT INTO "content" VALUES('4f82f3b80a2f5fe68e7e30ce81f21ea2',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('98ca2701298922d74dd9e3189982b725',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
INSERT INTO "content" VALUES('f29273ba769fe5ec31e4091d39bf3470',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('dbef696a9ae7d8cddf608de42d6329ae',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
INSERT INTO "content" VALUES('19d5cd4025e8fee0c201c571c7483a4a',18,'db0ceadc0ae983e913669d6a31a4a4ce00b701d0943a2b9dfe08668407878577',X'5375626A6563743A20780D0A0D0A626F6479',NULL);
INSERT INTO "content" VALUES('1c444eb3c8c6cf63773d97fbe5bb9899',8,'86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b',X'255044462D312E37',NULL);
CREATE TABLE deletion (
	account_id VARCHAR(64) NOT NULL, 
	datacenter VARCHAR(32) NOT NULL, 
	wire_id VARCHAR(64) NOT NULL, 
	due_at DATETIME NOT NULL, 
	CONSTRAINT pk_deletion PRIMARY KEY (account_id, datacenter, wire_id), 
	CONSTRAINT fk_deletion_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE document (
	job_id VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	charset VARCHAR(16), 
	content_id VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_document PRIMARY KEY (job_id, position), 
	CONSTRAINT fk_document_content_id FOREIGN KEY(content_id) REFERENCES content (id), 
	CONSTRAINT fk_document_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "document" VALUES('2271a9b1339fb6b7273ab6935ea41f0b',0,'offer.pdf',NULL,'207a3a19010f379a59e56daa2e038932');
INSERT INTO "document" VALUES('5f51be2e5775b7bc981c1383d6281fab',0,'offer.pdf',NULL,'f44b9a5041eafe8b5c969784a31b84f9');
INSERT INTO "document" VALUES('40348461a9ecce5cd65b28260994bcd7',0,'offer.pdf',NULL,'4e56c0f33e7a62e97a72a195d9038d1e');
INSERT INTO "document" VALUES('e13d4b1683c72458c435f70565228940',0,'offer.pdf',NULL,'98ca2701298922d74dd9e3189982b725');
INSERT INTO "document" VALUES('2a91fead2fbbceb0e077daa2b9fd1bba',0,'offer.pdf',NULL,'dbef696a9ae7d8cddf608de42d6329ae');
INSERT INTO "document" VALUES('63bcaee4f5fe2664b73557acf83837b7',0,'offer.pdf',NULL,'1c444eb3c8c6cf63773d97fbe5bb9899');
CREATE TABLE event (
	id INTEGER NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(64) NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	from_state VARCHAR(16), 
	to_state VARCHAR(16), 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id), 
	CONSTRAINT fk_event_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "event" VALUES(1,'a1aac065cd13303d8672a287d2a6e024','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(2,'2271a9b1339fb6b7273ab6935ea41f0b','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(3,'2271a9b1339fb6b7273ab6935ea41f0b','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(4,'5f51be2e5775b7bc981c1383d6281fab','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(5,'5f51be2e5775b7bc981c1383d6281fab','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(6,'5f51be2e5775b7bc981c1383d6281fab','2026-11-23 09:30:00.000000','delivery','started','prepared','submitting','attempt 1');
INSERT INTO "event" VALUES(7,'40348461a9ecce5cd65b28260994bcd7','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(8,'40348461a9ecce5cd65b28260994bcd7','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(9,'40348461a9ecce5cd65b28260994bcd7','2026-11-23 09:30:00.000000','delivery','started','prepared','submitting','attempt 1');
INSERT INTO "event" VALUES(10,'40348461a9ecce5cd65b28260994bcd7','2026-11-23 09:30:00.000000','test','accepted','submitting','submitted','');
INSERT INTO "event" VALUES(11,'e13d4b1683c72458c435f70565228940','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(12,'e13d4b1683c72458c435f70565228940','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(13,'e13d4b1683c72458c435f70565228940','2026-11-23 09:30:00.000000','delivery','started','prepared','submitting','attempt 1');
INSERT INTO "event" VALUES(14,'e13d4b1683c72458c435f70565228940','2026-11-23 09:30:00.000000','test','perhaps_arrived','submitting','in_doubt','no readable answer');
INSERT INTO "event" VALUES(15,'2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(16,'2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(17,'2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000','delivery','started','prepared','submitting','attempt 1');
INSERT INTO "event" VALUES(18,'2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000','test','accepted','submitting','submitted','');
INSERT INTO "event" VALUES(19,'2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000','tracking','reported_sent','submitted','sent','');
INSERT INTO "event" VALUES(20,'63bcaee4f5fe2664b73557acf83837b7','2026-11-23 09:30:00.000000','smtp','received',NULL,NULL,'from 127.0.0.1');
INSERT INTO "event" VALUES(21,'63bcaee4f5fe2664b73557acf83837b7','2026-11-23 09:30:00.000000','test','prepared','received','prepared','');
INSERT INTO "event" VALUES(22,'63bcaee4f5fe2664b73557acf83837b7','2026-11-23 09:30:00.000000','delivery','expired','prepared','expired','');
CREATE TABLE handover (
	"key" VARCHAR(64) NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_handover PRIMARY KEY ("key"), 
	CONSTRAINT fk_handover_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "handover" VALUES('77891eee6ad99435ea8749fee74aee3e18cb789ddd82f51c230771fbb0a94070','a1aac065cd13303d8672a287d2a6e024','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('30c0131e2948bd81b69bbc4ecfffe08ee86c6520a7e9e943106a750ddab51b63','2271a9b1339fb6b7273ab6935ea41f0b','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('3481d9980367f83a073947966fa05675adc3b9e990ab622ab99187fb1bb891eb','5f51be2e5775b7bc981c1383d6281fab','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('d9f6804f41f1bd4c5d4ac05f022549a5ce2236c4f509f9ed27345dcf65105151','40348461a9ecce5cd65b28260994bcd7','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('6a0856018ce80a5e39323ce8e3a005568a33bebe456727f64bef50f722d4a759','e13d4b1683c72458c435f70565228940','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('c8a53057f8e858cde699c72e88f0bea2bc377f86cd890cb3fff1546f35bb483c','2a91fead2fbbceb0e077daa2b9fd1bba','2026-11-23 09:30:00.000000');
INSERT INTO "handover" VALUES('92262498f263196c2464236e195b3563d347f88390a7c02a8b9ab50f1da25c60','63bcaee4f5fe2664b73557acf83837b7','2026-11-23 09:30:00.000000');
CREATE TABLE job (
	id VARCHAR(32) NOT NULL, 
	mail_id VARCHAR(32) NOT NULL, 
	parent_id VARCHAR(32), 
	options JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	former VARCHAR(16), 
	perhaps_arrived BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	start_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	ends_by DATETIME, 
	late_by DATETIME, 
	warned_at DATETIME, 
	late_told_at DATETIME, 
	attempts INTEGER NOT NULL, 
	owner VARCHAR(32), 
	account_id VARCHAR(64), 
	sent_at DATETIME, 
	valid_until DATETIME, 
	accepted_at DATETIME, 
	wire_id VARCHAR(64), 
	datacenter VARCHAR(32), 
	pages INTEGER, 
	last_error TEXT, 
	finished_at DATETIME, 
	CONSTRAINT pk_job PRIMARY KEY (id), 
	CONSTRAINT fk_job_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_job_mail_id FOREIGN KEY(mail_id) REFERENCES mail (id), 
	CONSTRAINT fk_job_parent_id FOREIGN KEY(parent_id) REFERENCES job (id)
);
INSERT INTO "job" VALUES('a1aac065cd13303d8672a287d2a6e024','2d5667008c8e21ee6b7b9fe6f35fc8d4',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','received',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES('2271a9b1339fb6b7273ab6935ea41f0b','5493deeb058a1a301abc7c466f978f01',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','prepared',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES('5f51be2e5775b7bc981c1383d6281fab','66c62dd7247a8261475be1c4f2c1e477',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','submitting',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,1,'oooooooooooooooooooooooooooooooo','bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES('40348461a9ecce5cd65b28260994bcd7','417d89abc915185badca96a23bde9bf4',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','submitted',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,1,NULL,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000','2026-11-23 09:30:00.000000','FJJ1',NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES('e13d4b1683c72458c435f70565228940','2f33cd465d60bc66f024ae4a01458c5d',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','in_doubt',NULL,1,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,1,NULL,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000',NULL,NULL,NULL,NULL,'no readable answer',NULL);
INSERT INTO "job" VALUES('2a91fead2fbbceb0e077daa2b9fd1bba','6bd052caa1d581951bc14c38b03bc6bf',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','sent',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,1,NULL,'bc020d14852d1d95b8e8847548131deaabbaa5d9f59587abe488283274eb564d','2026-11-23 09:30:00.000000','2026-11-24 09:30:00.000000','2026-11-23 09:30:00.000000','FJJ9',NULL,NULL,NULL,'2026-11-23 09:30:00.000000');
INSERT INTO "job" VALUES('63bcaee4f5fe2664b73557acf83837b7','1345152ceac10cfaec6d667d29d064dd',NULL,'{"cover": "default", "cover_when": "body", "cover_as": "html", "drop_body": false, "show_left_out": false, "company_name": null, "company_phone": null, "company_fax": null, "company_address": null, "archives": "refuse", "drop_blank_pages": false, "most_pages": 500, "most_documents": 50, "deepest": 100, "language": "en", "timezone": "UTC", "report_by": "retarus", "report_on": "always", "success_address": null, "failure_address": null, "image": "never", "image_format": "tiff", "csid": null, "billing_code": null, "paper_format": null, "resolution": null, "header": null, "express": false, "blacklist": false, "overlay": null, "overlay_mode": "ALL_PAGES"}','expired',NULL,0,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-23 09:30:00.000000');
CREATE TABLE list_read (
	account_id VARCHAR(64) NOT NULL, 
	datacenter VARCHAR(32) NOT NULL, 
	read_at DATETIME NOT NULL, 
	CONSTRAINT pk_list_read PRIMARY KEY (account_id, datacenter), 
	CONSTRAINT fk_list_read_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE login (
	name VARCHAR(255) NOT NULL, 
	password_hash TEXT NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_login PRIMARY KEY (name)
);
CREATE TABLE mail (
	id VARCHAR(32) NOT NULL, 
	received_at DATETIME NOT NULL, 
	reverse_path VARCHAR(320) NOT NULL, 
	report_to VARCHAR(320) NOT NULL, 
	client VARCHAR(64) NOT NULL, 
	helo VARCHAR(255) NOT NULL, 
	queue_id VARCHAR(64), 
	message_id TEXT, 
	subject TEXT NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	numbers INTEGER NOT NULL, 
	content_id VARCHAR(32) NOT NULL, 
	envid VARCHAR(100), 
	ret VARCHAR(4), 
	CONSTRAINT pk_mail PRIMARY KEY (id), 
	CONSTRAINT fk_mail_content_id FOREIGN KEY(content_id) REFERENCES content (id)
);
INSERT INTO "mail" VALUES('2d5667008c8e21ee6b7b9fe6f35fc8d4','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<0@example.com>','Angebot','en',1,'55c18da20c782307af5e2e054e12ccfc',NULL,NULL);
INSERT INTO "mail" VALUES('5493deeb058a1a301abc7c466f978f01','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<1@example.com>','Angebot','en',1,'15d76cc41e4d7e73bcb6aa6ecd85edf4',NULL,NULL);
INSERT INTO "mail" VALUES('66c62dd7247a8261475be1c4f2c1e477','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<2@example.com>','Angebot','en',1,'e1a91ac57e515a743f8c9a1f5d378d86',NULL,NULL);
INSERT INTO "mail" VALUES('417d89abc915185badca96a23bde9bf4','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<3@example.com>','Angebot','en',1,'932a9cd13f43264b1df3cb70c6310ad6',NULL,NULL);
INSERT INTO "mail" VALUES('2f33cd465d60bc66f024ae4a01458c5d','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<4@example.com>','Angebot','en',1,'4f82f3b80a2f5fe68e7e30ce81f21ea2',NULL,NULL);
INSERT INTO "mail" VALUES('6bd052caa1d581951bc14c38b03bc6bf','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<9@example.com>','Angebot','en',1,'f29273ba769fe5ec31e4091d39bf3470',NULL,NULL);
INSERT INTO "mail" VALUES('1345152ceac10cfaec6d667d29d064dd','2026-11-23 09:30:00.000000','jana@example.com','jana@example.com','127.0.0.1','client.example.com',NULL,'<8@example.com>','Angebot','en',1,'19d5cd4025e8fee0c201c571c7483a4a',NULL,NULL);
CREATE TABLE outbox (
	id VARCHAR(32) NOT NULL, 
	job_id VARCHAR(32), 
	word VARCHAR(16) NOT NULL, 
	reverse_path VARCHAR(320) NOT NULL, 
	forward_path VARCHAR(320) NOT NULL, 
	detail TEXT NOT NULL, 
	content_id VARCHAR(32), 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	last_error TEXT, 
	sent_at DATETIME, 
	refused_at DATETIME, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_content_id FOREIGN KEY(content_id) REFERENCES content (id), 
	CONSTRAINT fk_outbox_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "outbox" VALUES('740f0c63f6bcaa4ceb70b2a1ba27fb50','63bcaee4f5fe2664b73557acf83837b7','expired','','jana@example.com','',NULL,'2026-11-23 09:30:00.000000','2026-11-23 09:30:00.000000',0,NULL,NULL,NULL);
CREATE TABLE pause (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(64) NOT NULL, 
	activity VARCHAR(16) NOT NULL, 
	paused BOOLEAN NOT NULL, 
	CONSTRAINT pk_pause PRIMARY KEY (id)
);
CREATE TABLE push_key (
	id INTEGER NOT NULL, 
	"key" BLOB NOT NULL, 
	CONSTRAINT pk_push_key PRIMARY KEY (id)
);
CREATE TABLE recipient (
	job_id VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	number VARCHAR(16) NOT NULL, 
	forward_paths JSON NOT NULL, 
	dedupe_key VARCHAR(64), 
	status VARCHAR(64), 
	reason TEXT, 
	sent_at DATETIME, 
	duration_seconds INTEGER, 
	sent_to_number TEXT, 
	remote_csid TEXT, 
	CONSTRAINT pk_recipient PRIMARY KEY (job_id, position), 
	CONSTRAINT fk_recipient_job_id FOREIGN KEY(job_id) REFERENCES job (id)
);
INSERT INTO "recipient" VALUES('a1aac065cd13303d8672a287d2a6e024',0,'+4989123450','[{"address": "+4989123450@fax.local"}]','77891eee6ad99435ea8749fee74aee3e18cb789ddd82f51c230771fbb0a94070',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('2271a9b1339fb6b7273ab6935ea41f0b',0,'+4989123451','[{"address": "+4989123451@fax.local"}]','30c0131e2948bd81b69bbc4ecfffe08ee86c6520a7e9e943106a750ddab51b63',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('5f51be2e5775b7bc981c1383d6281fab',0,'+4989123452','[{"address": "+4989123452@fax.local"}]','3481d9980367f83a073947966fa05675adc3b9e990ab622ab99187fb1bb891eb',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('40348461a9ecce5cd65b28260994bcd7',0,'+4989123453','[{"address": "+4989123453@fax.local"}]','d9f6804f41f1bd4c5d4ac05f022549a5ce2236c4f509f9ed27345dcf65105151',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('e13d4b1683c72458c435f70565228940',0,'+4989123454','[{"address": "+4989123454@fax.local"}]','6a0856018ce80a5e39323ce8e3a005568a33bebe456727f64bef50f722d4a759',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('2a91fead2fbbceb0e077daa2b9fd1bba',0,'+4989123459','[{"address": "+4989123459@fax.local"}]','c8a53057f8e858cde699c72e88f0bea2bc377f86cd890cb3fff1546f35bb483c',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "recipient" VALUES('63bcaee4f5fe2664b73557acf83837b7',0,'+4989123458','[{"address": "+4989123458@fax.local"}]','92262498f263196c2464236e195b3563d347f88390a7c02a8b9ab50f1da25c60',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE web_session (
	"key" VARCHAR(64) NOT NULL, 
	login VARCHAR(255) NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_web_session PRIMARY KEY ("key"), 
	CONSTRAINT fk_web_session_login FOREIGN KEY(login) REFERENCES login (name)
);
CREATE INDEX ix_content_purged_at ON content (purged_at);
CREATE INDEX ix_web_session_login ON web_session (login);
CREATE INDEX ix_mail_content_id ON mail (content_id);
CREATE INDEX ix_job_mail_id ON job (mail_id);
CREATE INDEX ix_job_state_due_at ON job (state, due_at, start_at, warned_at);
CREATE INDEX ix_job_valid_until ON job (state, valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX ix_job_ends_by ON job (state, ends_by) WHERE ends_by IS NOT NULL;
CREATE INDEX ix_job_late_by ON job (state, late_by) WHERE late_by IS NOT NULL;
CREATE INDEX ix_job_wire_id ON job (wire_id);
CREATE INDEX ix_job_created_at ON job (created_at, id);
CREATE INDEX ix_job_finished_at ON job (finished_at, state) WHERE finished_at IS NOT NULL;
CREATE INDEX ix_document_content_id ON document (content_id);
CREATE INDEX ix_event_job_id ON event (job_id);
CREATE INDEX ix_handover_job_id ON handover (job_id);
CREATE INDEX ix_outbox_due_at ON outbox (sent_at, refused_at, due_at);
CREATE INDEX ix_outbox_job_id ON outbox (job_id);
CREATE INDEX ix_outbox_content_id ON outbox (content_id);
COMMIT;
