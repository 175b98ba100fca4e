-- Lineage "scripts": what a fresh reset_database.py makes, where it differs from schema.sql: users (no updated_at),
-- transactions (no status, approved_by, approved_at), risk_scores and loans (short), user_policies (product_code), and
-- bulk_transfers, which only this one has. All other tables are those of schema.sql: wekeza_portal/branch/ddl.py joins them.

CREATE TABLE users (
  user_id INT NOT NULL AUTO_INCREMENT,
  full_name VARCHAR(100) NOT NULL,
  email VARCHAR(100) NOT NULL,
  phone_number VARCHAR(15) NULL,
  national_id VARCHAR(20) NULL,
  password_hash VARCHAR(255) NOT NULL,
  kyc_tier ENUM('TIER_1','TIER_2','TIER_3') NULL DEFAULT 'TIER_1',
  is_active BOOL NULL DEFAULT 1,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  business_id INT NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY email (email),
  UNIQUE KEY phone_number (phone_number),
  UNIQUE KEY national_id (national_id),
  CONSTRAINT users_ibfk_1 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;

CREATE TABLE transactions (
  transaction_id INT NOT NULL AUTO_INCREMENT,
  account_id INT NOT NULL,
  txn_type VARCHAR(50) NOT NULL,
  amount DECIMAL(15,2) NOT NULL,
  reference_code VARCHAR(50) NOT NULL,
  description VARCHAR(255) NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (transaction_id),
  UNIQUE KEY reference_code (reference_code),
  KEY account_id (account_id),
  CONSTRAINT transactions_ibfk_1 FOREIGN KEY (account_id) REFERENCES accounts (account_id)
) ENGINE=InnoDB;

CREATE TABLE risk_scores (
  score_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NOT NULL,
  credit_score INT NOT NULL,
  decision VARCHAR(20) NULL,
  PRIMARY KEY (score_id),
  KEY user_id (user_id),
  CONSTRAINT risk_scores_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE=InnoDB;

CREATE TABLE loans (
  loan_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NULL,
  principal_amount DECIMAL(15,2) NULL,
  total_due_amount DECIMAL(15,2) NULL,
  balance_remaining DECIMAL(15,2) NULL,
  status ENUM('PENDING','ACTIVE','PAID','DEFAULTED','APPROVED','REJECTED') NULL DEFAULT 'PENDING',
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (loan_id),
  KEY user_id (user_id),
  CONSTRAINT loans_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE=InnoDB;

CREATE TABLE user_policies (
  policy_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NULL,
  business_id INT NULL,
  product_code VARCHAR(20) NOT NULL,
  policy_number VARCHAR(50) NOT NULL,
  premium_paid DECIMAL(15,2) NULL,
  cover_amount DECIMAL(15,2) NULL,
  status VARCHAR(20) NULL DEFAULT 'ACTIVE',
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (policy_id),
  UNIQUE KEY policy_number (policy_number),
  CONSTRAINT user_policies_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id),
  CONSTRAINT user_policies_ibfk_2 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;

CREATE TABLE bulk_transfers (
  batch_id INT NOT NULL AUTO_INCREMENT,
  business_id INT NULL,
  total_amount DECIMAL(15,2) NULL,
  status VARCHAR(20) NULL DEFAULT 'PENDING',
  description TEXT NULL,
  PRIMARY KEY (batch_id),
  CONSTRAINT bulk_transfers_ibfk_1 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;
