-- Accounts. A user name is stored lower-case, so that the unique index knows `Alice` and `alice` as one.
CREATE TABLE users (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username             text NOT NULL,
    nickname             text NOT NULL,
    status               text NOT NULL DEFAULT 'OFFLINE',
    profile_image_url    text,
    background_image_url text,
    last_seen_at         timestamptz,
    bio                  text,
    password_hash        text NOT NULL,
    user_code            text NOT NULL,
    role                 text NOT NULL DEFAULT 'USER',
    is_deleted           boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL,
    CONSTRAINT users_username_key UNIQUE (username),
    CONSTRAINT users_user_code_key UNIQUE (user_code),
    CONSTRAINT users_username_lowercase CHECK (username = lower(username)),
    CONSTRAINT users_status_known CHECK (status IN ('ONLINE', 'OFFLINE', 'BUSY', 'AWAY', 'INVISIBLE')),
    CONSTRAINT users_role_known CHECK (role IN ('USER', 'ADMIN'))
);

-- What one login founded: every refresh token that came of it, one after the other. Whoever changes anything of a
-- family locks its row first, so that a revocation never misses a token that is being made.
CREATE TABLE refresh_families (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    -- When the newest token expires, and the family with it.
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX refresh_families_user_id ON refresh_families (user_id);

-- Used tokens stay until they expire: that is how a second use is noticed.
CREATE TABLE refresh_tokens (
    -- SHA-256 of the token.
    hash       bytea PRIMARY KEY,
    family_id  bigint NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- When it was exchanged for its successor.
    rotated_at timestamptz
);

CREATE INDEX refresh_tokens_family_id ON refresh_tokens (family_id);
