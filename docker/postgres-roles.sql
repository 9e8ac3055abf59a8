-- Run once by psql when the database is made, as a superuser in that database: who changes the schema, and who serves.
--
-- LOGGIA_OWNER_PASSWORD and LOGGIA_PASSWORD come from the environment. On a server of your own:
--   LOGGIA_OWNER_PASSWORD=… LOGGIA_PASSWORD=… psql --dbname loggia --file docker/postgres-roles.sql
\set ON_ERROR_STOP on
\getenv owner_password LOGGIA_OWNER_PASSWORD
\getenv password LOGGIA_PASSWORD

-- What every session of the service works as. It owns nothing, is bound by row-level security, and is granted by the migrations
-- what the service does and no more.
CREATE ROLE loggia_service NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

-- The service's login: it can become loggia_service, and that is all.
CREATE ROLE loggia LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password' IN ROLE loggia_service;

-- The login of `loggia migrate` alone: it owns the database and the tables in it. Row-level security is forced on it too.
CREATE ROLE loggia_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';

SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO loggia_owner;
-- No other role may connect, and the service may not create temporary tables.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO loggia_service;
