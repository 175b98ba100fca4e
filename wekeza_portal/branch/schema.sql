-- The branch's side of wekeza_dfs_db, lineage "live": what the bank's own scripts leave behind on the machine they run on.
-- Written out from the branch database contract; where that gives only a use, the type it implies. MariaDB 10.11, MySQL 8.
-- One column per line: wekeza_portal/branch/ddl.py reads this file too. The agency banking tables are not listed: the
-- portal never touches them. Tables stand in the order in which their foreign keys allow them to be made.

CREATE TABLE businesses (
  business_id INT NOT NULL AUTO_INCREMENT,
  business_name VARCHAR(150) NOT NULL,
  registration_no VARCHAR(50) NOT NULL,
  kra_pin VARCHAR(20) NOT NULL,
  sector VARCHAR(100) NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (business_id),
  UNIQUE KEY registration_no (registration_no),
  UNIQUE KEY kra_pin (kra_pin)
) ENGINE=InnoDB;

CREATE TABLE branches (
  branch_id INT NOT NULL AUTO_INCREMENT,
  branch_code VARCHAR(10) NOT NULL,
  branch_name VARCHAR(100) NOT NULL,
  location VARCHAR(255) NULL,
  phone_number VARCHAR(20) NULL,
  email VARCHAR(100) NULL,
  manager_id INT NULL,
  is_active BOOL NULL DEFAULT 1,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (branch_id),
  UNIQUE KEY branch_code (branch_code)
) ENGINE=InnoDB;

CREATE TABLE staff (
  staff_id INT NOT NULL AUTO_INCREMENT,
  staff_code VARCHAR(20) NOT NULL,
  full_name VARCHAR(100) NOT NULL,
  email VARCHAR(100) NOT NULL,
  phone_number VARCHAR(20) NULL,
  national_id VARCHAR(20) NULL,
  role ENUM('TELLER','RELATIONSHIP_MANAGER','SUPERVISOR','BRANCH_MANAGER','ADMIN') NOT NULL,
  branch_id INT NULL,
  password_hash VARCHAR(255) NOT NULL,
  is_active BOOL NULL DEFAULT 1,
  hire_date DATE NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (staff_id),
  UNIQUE KEY staff_code (staff_code),
  UNIQUE KEY email (email),
  UNIQUE KEY national_id (national_id),
  CONSTRAINT staff_ibfk_1 FOREIGN KEY (branch_id) REFERENCES branches (branch_id)
) ENGINE=InnoDB;

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
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  business_id INT NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY email (email),
  UNIQUE KEY phone_number (phone_number),
  UNIQUE KEY national_id (national_id),
  CONSTRAINT users_ibfk_1 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;

CREATE TABLE customers (
  customer_id INT NOT NULL AUTO_INCREMENT,
  cif_number VARCHAR(20) NOT NULL,
  full_name VARCHAR(255) NOT NULL,
  national_id VARCHAR(20) NOT NULL,
  phone_number VARCHAR(20) NOT NULL,
  email VARCHAR(255) NULL,
  date_of_birth DATE NULL,
  physical_address TEXT NULL,
  postal_address VARCHAR(255) NULL,
  kyc_tier ENUM('TIER_1','TIER_2','TIER_3') NULL DEFAULT 'TIER_1',
  occupation VARCHAR(100) NULL,
  employer VARCHAR(255) NULL,
  monthly_income DECIMAL(15,2) NULL,
  customer_type ENUM('individual','business') NULL DEFAULT 'individual',
  status ENUM('ACTIVE','INACTIVE','SUSPENDED') NULL DEFAULT 'ACTIVE',
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  created_by VARCHAR(20) NULL,
  PRIMARY KEY (customer_id),
  UNIQUE KEY cif_number (cif_number),
  UNIQUE KEY national_id (national_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE accounts (
  account_id INT NOT NULL AUTO_INCREMENT,
  account_number VARCHAR(20) NOT NULL,
  balance DECIMAL(15,2) NULL DEFAULT 0.00,
  currency VARCHAR(3) NULL DEFAULT 'KES',
  status ENUM('ACTIVE','FROZEN','DISABLED','DORMANT') NULL DEFAULT 'ACTIVE',
  user_id INT NULL,
  business_id INT NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (account_id),
  UNIQUE KEY account_number (account_number),
  KEY user_id (user_id),
  KEY business_id (business_id),
  CONSTRAINT accounts_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id),
  CONSTRAINT accounts_ibfk_2 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;

CREATE TABLE transactions (
  transaction_id INT NOT NULL AUTO_INCREMENT,
  account_id INT NOT NULL,
  txn_type VARCHAR(50) NOT NULL,
  amount DECIMAL(15,2) NOT NULL,
  reference_code VARCHAR(50) NOT NULL,
  description VARCHAR(255) NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  status VARCHAR(20) NULL DEFAULT 'COMPLETED',
  approved_by VARCHAR(50) NULL,
  approved_at DATETIME NULL,
  PRIMARY KEY (transaction_id),
  UNIQUE KEY reference_code (reference_code),
  KEY account_id (account_id),
  CONSTRAINT transactions_ibfk_1 FOREIGN KEY (account_id) REFERENCES accounts (account_id)
) ENGINE=InnoDB;

CREATE TABLE authorization_queue (
  queue_id VARCHAR(20) NOT NULL,
  transaction_type ENUM('CASH_DEPOSIT','CASH_WITHDRAWAL','CHEQUE_DEPOSIT','CIF_CREATE','ACCOUNT_OPENING','ACCOUNT_MAINTENANCE','ACCOUNT_CLOSURE','MANDATE_MANAGEMENT','LOAN_APPLICATION','LOAN_DISBURSEMENT','LOAN_RESTRUCTURING','POLICY_SALE','CLAIMS_PROCESSING','PREMIUM_COLLECTION','TELLER_CASH_ISSUE','TELLER_CASH_RECEIVE','VAULT_OPENING','VAULT_CLOSING','ATM_CASH_LOADING','ATM_CASH_OFFLOADING','BANK_TRANSFER','MOBILE_MONEY_TRANSFER','BILL_PAYMENT','CDSC_TRANSFER','OTHER') NOT NULL,
  reference_id VARCHAR(20) NOT NULL,
  maker_id VARCHAR(20) NOT NULL,
  maker_name VARCHAR(255) NULL,
  amount DECIMAL(15,2) NOT NULL,
  description TEXT NULL,
  branch_code VARCHAR(10) NULL,
  status ENUM('PENDING','APPROVED','REJECTED') NULL DEFAULT 'PENDING',
  priority ENUM('LOW','MEDIUM','HIGH','URGENT') NULL DEFAULT 'MEDIUM',
  operation_data TEXT NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  approved_by VARCHAR(20) NULL,
  approved_at DATETIME NULL,
  rejection_reason TEXT NULL,
  PRIMARY KEY (queue_id),
  KEY idx_status (status),
  KEY idx_maker (maker_id),
  KEY idx_created (created_at)
) ENGINE=InnoDB;

CREATE TABLE loan_products (
  product_id VARCHAR(20) NOT NULL,
  product_name VARCHAR(100) NOT NULL,
  target_customer ENUM('individual','business','both') NULL DEFAULT 'both',
  min_amount DECIMAL(15,2) NOT NULL,
  max_amount DECIMAL(15,2) NOT NULL,
  base_interest_rate DECIMAL(5,2) NOT NULL,
  max_tenure_months INT NOT NULL,
  processing_fee_rate DECIMAL(5,2) NOT NULL,
  min_income DECIMAL(15,2) NULL,
  min_age INT NULL,
  max_age INT NULL,
  min_credit_score INT NULL,
  required_documents TEXT NULL,
  is_active BOOL NULL DEFAULT 1,
  created_by VARCHAR(20) NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (product_id)
) ENGINE=InnoDB;

CREATE TABLE loan_applications (
  application_id VARCHAR(20) NOT NULL,
  account_number VARCHAR(20) NOT NULL,
  customer_type ENUM('individual','business') NOT NULL,
  loan_type VARCHAR(100) NOT NULL,
  loan_amount DECIMAL(15,2) NOT NULL,
  interest_rate DECIMAL(5,2) NOT NULL,
  tenure_months INT NOT NULL,
  purpose TEXT NULL,
  collateral_type VARCHAR(100) NULL,
  monthly_payment DECIMAL(15,2) NULL,
  processing_fee DECIMAL(15,2) NULL,
  status ENUM('PENDING','APPROVED','REJECTED','DISBURSED') NULL DEFAULT 'PENDING',
  created_by VARCHAR(20) NULL,
  approved_by VARCHAR(20) NULL,
  approved_at DATETIME NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (application_id),
  KEY idx_account (account_number),
  KEY idx_status (status),
  KEY idx_created (created_at)
) ENGINE=InnoDB;

CREATE TABLE loan_accounts (
  loan_id VARCHAR(20) NOT NULL,
  application_id VARCHAR(20) NULL,
  account_number VARCHAR(20) NOT NULL,
  customer_name VARCHAR(255) NOT NULL,
  loan_type VARCHAR(100) NOT NULL,
  principal_amount DECIMAL(15,2) NOT NULL,
  outstanding_balance DECIMAL(15,2) NOT NULL,
  interest_rate DECIMAL(5,2) NOT NULL,
  tenure_months INT NOT NULL,
  monthly_payment DECIMAL(15,2) NOT NULL,
  next_payment_date DATE NULL,
  disbursement_date DATE NULL,
  maturity_date DATE NULL,
  status ENUM('ACTIVE','CLOSED','DEFAULTED','RESTRUCTURED') NULL DEFAULT 'ACTIVE',
  days_overdue INT NULL DEFAULT 0,
  created_by VARCHAR(20) NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (loan_id),
  KEY idx_account (account_number),
  CONSTRAINT loan_accounts_ibfk_1 FOREIGN KEY (application_id) REFERENCES loan_applications (application_id)
) ENGINE=InnoDB;

CREATE TABLE loan_payments (
  payment_id VARCHAR(20) NOT NULL,
  loan_id VARCHAR(20) NOT NULL,
  payment_amount DECIMAL(15,2) NOT NULL,
  principal_amount DECIMAL(15,2) NOT NULL,
  interest_amount DECIMAL(15,2) NOT NULL,
  penalty_amount DECIMAL(15,2) NULL DEFAULT 0.00,
  payment_method VARCHAR(50) NULL,
  payment_date DATE NOT NULL,
  processed_by VARCHAR(20) NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (payment_id),
  KEY idx_loan (loan_id),
  CONSTRAINT loan_payments_ibfk_1 FOREIGN KEY (loan_id) REFERENCES loan_accounts (loan_id)
) ENGINE=InnoDB;

CREATE TABLE loan_restructuring (
  restructure_id VARCHAR(20) NOT NULL,
  loan_id VARCHAR(20) NOT NULL,
  old_balance DECIMAL(15,2) NOT NULL,
  new_balance DECIMAL(15,2) NOT NULL,
  old_interest_rate DECIMAL(5,2) NOT NULL,
  new_interest_rate DECIMAL(5,2) NOT NULL,
  old_tenure_months INT NOT NULL,
  new_tenure_months INT NOT NULL,
  old_monthly_payment DECIMAL(15,2) NOT NULL,
  new_monthly_payment DECIMAL(15,2) NOT NULL,
  grace_period_months INT NULL DEFAULT 0,
  restructure_reason VARCHAR(255) NOT NULL,
  processed_by VARCHAR(20) NULL,
  processed_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (restructure_id),
  KEY idx_loan (loan_id),
  CONSTRAINT loan_restructuring_ibfk_1 FOREIGN KEY (loan_id) REFERENCES loan_accounts (loan_id)
) ENGINE=InnoDB;

CREATE TABLE risk_scores (
  score_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NOT NULL,
  credit_score INT NOT NULL,
  risk_tier ENUM('LOW','MEDIUM','HIGH','VERY_HIGH') NOT NULL,
  model_version VARCHAR(50) NOT NULL,
  input_payload JSON NULL,
  decision ENUM('APPROVED','REJECTED') NOT NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (score_id),
  KEY user_id (user_id),
  CONSTRAINT risk_scores_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE=InnoDB;

CREATE TABLE loans (
  loan_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NOT NULL,
  risk_score_id INT NULL,
  principal_amount DECIMAL(15,2) NOT NULL,
  interest_rate DECIMAL(5,2) NOT NULL,
  interest_amount DECIMAL(15,2) NOT NULL,
  total_due_amount DECIMAL(15,2) NOT NULL,
  balance_remaining DECIMAL(15,2) NOT NULL,
  disbursement_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  due_date TIMESTAMP NOT NULL,
  status ENUM('PENDING','ACTIVE','PAID','DEFAULTED','WRITTEN_OFF') NULL DEFAULT 'PENDING',
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (loan_id),
  KEY user_id (user_id),
  KEY risk_score_id (risk_score_id),
  CONSTRAINT loans_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id),
  CONSTRAINT loans_ibfk_2 FOREIGN KEY (risk_score_id) REFERENCES risk_scores (score_id)
) ENGINE=InnoDB;

CREATE TABLE fixed_deposits (
  fd_id INT NOT NULL AUTO_INCREMENT,
  fd_number VARCHAR(50) NOT NULL,
  account_id INT NOT NULL,
  principal_amount DECIMAL(15,2) NOT NULL,
  interest_rate DECIMAL(5,2) NOT NULL,
  term_months INT NOT NULL,
  start_date DATE NOT NULL,
  maturity_date DATE NOT NULL,
  maturity_amount DECIMAL(15,2) NOT NULL,
  auto_renew BOOL NULL DEFAULT 0,
  status ENUM('ACTIVE','MATURED','CLOSED','RENEWED') NULL DEFAULT 'ACTIVE',
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (fd_id),
  UNIQUE KEY fd_number (fd_number),
  KEY idx_account (account_id),
  CONSTRAINT fixed_deposits_ibfk_1 FOREIGN KEY (account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE insurance_products (
  product_id INT NOT NULL AUTO_INCREMENT,
  product_name VARCHAR(100) NOT NULL,
  product_code VARCHAR(20) NOT NULL,
  description TEXT NULL,
  premium_amount DECIMAL(15,2) NOT NULL,
  cover_amount DECIMAL(15,2) NOT NULL,
  frequency VARCHAR(20) NULL DEFAULT 'MONTHLY',
  is_active BOOL NULL DEFAULT 1,
  PRIMARY KEY (product_id),
  UNIQUE KEY product_code (product_code)
) ENGINE=InnoDB;

CREATE TABLE insurance_policies (
  policy_id INT NOT NULL AUTO_INCREMENT,
  policy_number VARCHAR(20) NOT NULL,
  account_number VARCHAR(20) NOT NULL,
  product_id VARCHAR(20) NULL,
  policy_type VARCHAR(100) NULL,
  coverage_amount DECIMAL(15,2) NOT NULL,
  annual_premium DECIMAL(15,2) NOT NULL,
  payment_frequency VARCHAR(20) NULL,
  payment_method VARCHAR(50) NULL,
  policy_term_years INT NULL,
  start_date DATE NULL,
  maturity_date DATE NULL,
  beneficiary_name VARCHAR(255) NULL,
  beneficiary_relationship VARCHAR(50) NULL,
  status VARCHAR(20) NULL DEFAULT 'ACTIVE',
  created_by VARCHAR(20) NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (policy_id),
  UNIQUE KEY policy_number (policy_number),
  KEY idx_account (account_number)
) ENGINE=InnoDB;

CREATE TABLE premium_payments (
  payment_id VARCHAR(20) NOT NULL,
  policy_number VARCHAR(20) NOT NULL,
  payment_amount DECIMAL(15,2) NOT NULL,
  payment_date DATE NOT NULL,
  payment_method VARCHAR(50) NULL,
  due_date DATE NULL,
  payment_period VARCHAR(50) NULL,
  processed_by VARCHAR(20) NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (payment_id),
  KEY idx_policy (policy_number)
) ENGINE=InnoDB;

CREATE TABLE insurance_claims (
  claim_id INT NOT NULL AUTO_INCREMENT,
  policy_id INT NOT NULL,
  claim_reference VARCHAR(50) NULL,
  claim_type VARCHAR(100) NULL,
  description TEXT NULL,
  status ENUM('PENDING','APPROVED','REJECTED','PAID') NULL DEFAULT 'PENDING',
  claim_amount DECIMAL(15,2) NULL DEFAULT 0.00,
  user_id INT NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (claim_id),
  KEY policy_id (policy_id)
) ENGINE=InnoDB;

CREATE TABLE user_policies (
  policy_id INT NOT NULL AUTO_INCREMENT,
  user_id INT NULL,
  product_id INT NULL,
  policy_number VARCHAR(50) NOT NULL,
  start_date DATE NULL,
  end_date DATE NULL,
  status ENUM('ACTIVE','EXPIRED','CANCELLED') NULL DEFAULT 'ACTIVE',
  auto_renew BOOL NULL DEFAULT 0,
  linked_loan_id INT NULL,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
  business_id INT NULL,
  premium_paid DECIMAL(15,2) NULL,
  cover_amount DECIMAL(15,2) NULL,
  PRIMARY KEY (policy_id),
  UNIQUE KEY policy_number (policy_number),
  CONSTRAINT user_policies_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (user_id),
  CONSTRAINT user_policies_ibfk_2 FOREIGN KEY (product_id) REFERENCES insurance_products (product_id),
  CONSTRAINT user_policies_ibfk_3 FOREIGN KEY (linked_loan_id) REFERENCES loans (loan_id),
  CONSTRAINT user_policies_ibfk_4 FOREIGN KEY (business_id) REFERENCES businesses (business_id)
) ENGINE=InnoDB;

CREATE TABLE agent_commissions (
  commission_id INT NOT NULL AUTO_INCREMENT,
  agent_code VARCHAR(20) NOT NULL,
  policy_number VARCHAR(20) NOT NULL,
  commission_type ENUM('FIRST_YEAR','RENEWAL','BONUS') NOT NULL,
  commission_rate DECIMAL(5,2) NULL,
  commission_amount DECIMAL(15,2) NOT NULL,
  payment_date DATE NULL,
  created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (commission_id)
) ENGINE=InnoDB;
