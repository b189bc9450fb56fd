-- The permission clients:trust (bit 2048): whoever has all that an administrator had (bits 0 to 8) keeps what they could
-- do; oauth:write alone gains nothing. A scope that happened to have this name before was nobody's permission: it goes
-- from wherever it was written, so that none becomes one.

UPDATE clients SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' ')), version = version + 1
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
UPDATE grants SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' '))
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
UPDATE access_tokens SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' '))
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
UPDATE authorization_codes SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' '))
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
UPDATE login_challenges SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' '))
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
UPDATE login_challenges SET granted = TRIM(REPLACE(' ' || granted || ' ', ' clients:trust ', ' '))
    WHERE ' ' || granted || ' ' LIKE '% clients:trust %';
UPDATE user_consents SET scope = TRIM(REPLACE(' ' || scope || ' ', ' clients:trust ', ' ')),
    remembered = TRIM(REPLACE(' ' || remembered || ' ', ' clients:trust ', ' '))
    WHERE ' ' || scope || ' ' LIKE '% clients:trust %';
DELETE FROM client_scopes WHERE name = 'clients:trust';
DELETE FROM scopes WHERE name = 'clients:trust';

UPDATE api_keys SET permissions = permissions + 2048, version = version + 1
    WHERE (permissions & 511) = 511 AND (permissions & 2048) = 0;
UPDATE roles SET permissions = permissions + 2048, version = version + 1
    WHERE (permissions & 511) = 511 AND (permissions & 2048) = 0;

INSERT INTO client_scopes (client_id, name, tenant_id)
    SELECT client_id, 'clients:trust', tenant_id FROM client_scopes
    WHERE name IN ('oauth:read', 'oauth:write', 'users:read', 'users:write', 'sessions:read', 'sessions:write',
        'audit:read', 'keys:read', 'keys:write')
    GROUP BY client_id, tenant_id HAVING COUNT(*) = 9;
UPDATE clients SET scope = scope || ' clients:trust', version = version + 1
    WHERE id IN (SELECT client_id FROM client_scopes WHERE name = 'clients:trust');
