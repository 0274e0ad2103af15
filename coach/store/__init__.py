import sys, sqlcipher3, sqlcipher3.dbapi2  # noqa: E401,I001  sqlite-utils must catch SQLCipher's exceptions, so it has to find this driver under
sys.modules["pysqlite3"], sys.modules["pysqlite3.dbapi2"] = sqlcipher3, sqlcipher3.dbapi2  # the name that it tries first.
