-- What the portal does by itself, for whoever runs it: `portico jobs list`.
CREATE TABLE job_runs (
  job text CONSTRAINT job_runs_pkey PRIMARY KEY,
  ran_at timestamptz NOT NULL,
  took_ms bigint NOT NULL CONSTRAINT job_runs_took_range CHECK (took_ms >= 0),
  done bigint NOT NULL CONSTRAINT job_runs_done_range CHECK (done >= 0),
  failed_at timestamptz,
  problem text,
  CONSTRAINT job_runs_problem_told CHECK ((failed_at IS NULL) = (problem IS NULL))
);
COMMENT ON TABLE job_runs IS 'The last run of each background job, of whichever instance; written by the jobs, read by the command line alone.';
COMMENT ON COLUMN job_runs.job IS 'Which.';
COMMENT ON COLUMN job_runs.ran_at IS 'When its last run ended. Runs that found nothing to do are noted once a minute.';
COMMENT ON COLUMN job_runs.took_ms IS 'How long that took, in milliseconds.';
COMMENT ON COLUMN job_runs.done IS 'How many things that run did.';
COMMENT ON COLUMN job_runs.failed_at IS 'When a run failed last; the last run failed when this is its moment.';
COMMENT ON COLUMN job_runs.problem IS 'Why it failed, in words.';
ALTER TABLE job_runs ENABLE ROW LEVEL SECURITY;
