export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "cert_expiry_reminders": {
        Row: {
          "certification_expiry_date": string;
          "created_at": string;
          "id": string;
          "mentor_id": string;
          "organisation_id": string;
          "threshold_day": number;
        };
        ComputedFields: never;
        Insert: {
          "certification_expiry_date": string;
          "created_at"?: string;
          "id"?: string;
          "mentor_id": string;
          "organisation_id": string;
          "threshold_day": number;
        };
        Update: {
          "certification_expiry_date"?: string;
          "created_at"?: string;
          "id"?: string;
          "mentor_id"?: string;
          "organisation_id"?: string;
          "threshold_day"?: number;
        };
        Relationships: [];
      };
      "hlf_certification_policies": {
        Row: {
          "organisation_id": string;
          "threshold_days": (number)[];
        };
        ComputedFields: never;
        Insert: {
          "organisation_id": string;
          "threshold_days"?: (number)[];
        };
        Update: {
          "organisation_id"?: string;
          "threshold_days"?: (number)[];
        };
        Relationships: [];
      };
      "hlf_coordinator_notifications": {
        Row: {
          "created_at": string;
          "id": string;
          "kind": string;
          "mentor_id": string;
          "organisation_id": string;
          "told_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "kind": string;
          "mentor_id": string;
          "organisation_id": string;
          "told_at"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "mentor_id"?: string;
          "organisation_id"?: string;
          "told_at"?: string | null;
        };
        Relationships: [];
      };
      "hlf_mentor_status_transitions": {
        Row: {
          "certification_expiry_date": string;
          "created_at": string;
          "from_status": string;
          "id": string;
          "mentor_id": string;
          "organisation_id": string;
          "to_status": string;
        };
        ComputedFields: never;
        Insert: {
          "certification_expiry_date": string;
          "created_at"?: string;
          "from_status": string;
          "id"?: string;
          "mentor_id": string;
          "organisation_id": string;
          "to_status": string;
        };
        Update: {
          "certification_expiry_date"?: string;
          "created_at"?: string;
          "from_status"?: string;
          "id"?: string;
          "mentor_id"?: string;
          "organisation_id"?: string;
          "to_status"?: string;
        };
        Relationships: [];
      };
      "hlf_nightly_runs": {
        Row: {
          "drift_count": number | null;
          "duplicate_count": number;
          "expired_count": number;
          "finished_at": string | null;
          "listing_count": number | null;
          "oldest_drift_seconds": number | null;
          "reconciliation_lease_until": string | null;
          "reconciliation_reader": string | null;
          "reconciliation_started_at": string | null;
          "refused_listing_count": number | null;
          "refused_reading": string | null;
          "reminder_count": number;
          "run_date": string;
          "started_at": string;
          "unaddressable_listing_count": number | null;
          "unknown_listing_count": number | null;
        };
        ComputedFields: never;
        Insert: {
          "drift_count"?: number | null;
          "duplicate_count"?: number;
          "expired_count"?: number;
          "finished_at"?: string | null;
          "listing_count"?: number | null;
          "oldest_drift_seconds"?: number | null;
          "reconciliation_lease_until"?: string | null;
          "reconciliation_reader"?: string | null;
          "reconciliation_started_at"?: string | null;
          "refused_listing_count"?: number | null;
          "refused_reading"?: string | null;
          "reminder_count"?: number;
          "run_date": string;
          "started_at"?: string;
          "unaddressable_listing_count"?: number | null;
          "unknown_listing_count"?: number | null;
        };
        Update: {
          "drift_count"?: number | null;
          "duplicate_count"?: number;
          "expired_count"?: number;
          "finished_at"?: string | null;
          "listing_count"?: number | null;
          "oldest_drift_seconds"?: number | null;
          "reconciliation_lease_until"?: string | null;
          "reconciliation_reader"?: string | null;
          "reconciliation_started_at"?: string | null;
          "refused_listing_count"?: number | null;
          "refused_reading"?: string | null;
          "reminder_count"?: number;
          "run_date"?: string;
          "started_at"?: string;
          "unaddressable_listing_count"?: number | null;
          "unknown_listing_count"?: number | null;
        };
        Relationships: [];
      };
      "hlf_sync_alerts": {
        Row: {
          "affected_count": number | null;
          "closed_at": string | null;
          "id": string;
          "kind": string;
          "last_seen_at": string;
          "opened_at": string;
          "reopened_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "affected_count"?: number | null;
          "closed_at"?: string | null;
          "id"?: string;
          "kind": string;
          "last_seen_at"?: string;
          "opened_at"?: string;
          "reopened_at"?: string | null;
        };
        Update: {
          "affected_count"?: number | null;
          "closed_at"?: string | null;
          "id"?: string;
          "kind"?: string;
          "last_seen_at"?: string;
          "opened_at"?: string;
          "reopened_at"?: string | null;
        };
        Relationships: [];
      };
      "hlf_sync_audit_log": {
        Row: {
          "created_at": string;
          "dynamics_response_code": number | null;
          "error_message": string | null;
          "id": string;
          "mentor_id": string;
          "operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "organisation_id": string;
          "outcome": Database["public"]["Enums"]["hlf_sync_outcome"];
          "retry_count": number;
          "triggered_by_event": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "dynamics_response_code"?: number | null;
          "error_message"?: string | null;
          "id": string;
          "mentor_id": string;
          "operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "organisation_id": string;
          "outcome": Database["public"]["Enums"]["hlf_sync_outcome"];
          "retry_count": number;
          "triggered_by_event": string;
        };
        Update: {
          "created_at"?: string;
          "dynamics_response_code"?: number | null;
          "error_message"?: string | null;
          "id"?: string;
          "mentor_id"?: string;
          "operation"?: Database["public"]["Enums"]["hlf_sync_operation"];
          "organisation_id"?: string;
          "outcome"?: Database["public"]["Enums"]["hlf_sync_outcome"];
          "retry_count"?: number;
          "triggered_by_event"?: string;
        };
        Relationships: [];
      };
      "hlf_sync_audit_seals": {
        Row: {
          "day": string;
          "digest": string;
          "previous_digest": string | null;
          "row_count": number;
          "sealed_at": string;
        };
        ComputedFields: never;
        Insert: {
          "day": string;
          "digest": string;
          "previous_digest"?: string | null;
          "row_count": number;
          "sealed_at"?: string;
        };
        Update: {
          "day"?: string;
          "digest"?: string;
          "previous_digest"?: string | null;
          "row_count"?: number;
          "sealed_at"?: string;
        };
        Relationships: [];
      };
      "hlf_sync_detached_partitions": {
        Row: {
          "detached_at": string;
          "partition_year": number;
          "row_count": number;
        };
        ComputedFields: never;
        Insert: {
          "detached_at"?: string;
          "partition_year": number;
          "row_count": number;
        };
        Update: {
          "detached_at"?: string;
          "partition_year"?: number;
          "row_count"?: number;
        };
        Relationships: [];
      };
      "hlf_sync_drifts": {
        Row: {
          "age_seconds": number;
          "confirmed_at": string | null;
          "is_published": boolean | null;
          "mentor_id": string;
          "organisation_id": string;
          "run_date": string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        };
        ComputedFields: never;
        Insert: {
          "age_seconds": number;
          "confirmed_at"?: string | null;
          "is_published"?: boolean | null;
          "mentor_id": string;
          "organisation_id": string;
          "run_date": string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        };
        Update: {
          "age_seconds"?: number;
          "confirmed_at"?: string | null;
          "is_published"?: boolean | null;
          "mentor_id"?: string;
          "organisation_id"?: string;
          "run_date"?: string;
          "wanted_operation"?: Database["public"]["Enums"]["hlf_sync_operation"];
        };
        Relationships: [
          {
            foreignKeyName: "hlf_sync_drifts_run_date_fkey";
            columns: ["run_date"];
            isOneToOne: false;
            referencedRelation: "hlf_nightly_runs";
            referencedColumns: ["run_date"];
          },
        ];
      };
      "hlf_sync_gate": {
        Row: {
          "accepted_listing_count": number | null;
          "closed_at": string | null;
          "closed_until": string;
          "drainer": string | null;
          "drainer_lease": string;
          "drainer_until": string;
          "environment_id": string | null;
          "id": boolean;
          "installed_at": string;
          "interruption_backoff": string;
          "last_confirmed_at": string | null;
          "late_commit_margin": string;
          "max_in_flight": number;
          "max_refusals": number;
          "max_requests": number;
          "other_requests": (string)[];
          "reason": string | null;
          "requests_window": string;
        };
        ComputedFields: never;
        Insert: {
          "accepted_listing_count"?: number | null;
          "closed_at"?: string | null;
          "closed_until"?: string;
          "drainer"?: string | null;
          "drainer_lease"?: string;
          "drainer_until"?: string;
          "environment_id"?: string | null;
          "id"?: boolean;
          "installed_at"?: string;
          "interruption_backoff"?: string;
          "last_confirmed_at"?: string | null;
          "late_commit_margin"?: string;
          "max_in_flight"?: number;
          "max_refusals"?: number;
          "max_requests"?: number;
          "other_requests"?: (string)[];
          "reason"?: string | null;
          "requests_window"?: string;
        };
        Update: {
          "accepted_listing_count"?: number | null;
          "closed_at"?: string | null;
          "closed_until"?: string;
          "drainer"?: string | null;
          "drainer_lease"?: string;
          "drainer_until"?: string;
          "environment_id"?: string | null;
          "id"?: boolean;
          "installed_at"?: string;
          "interruption_backoff"?: string;
          "last_confirmed_at"?: string | null;
          "late_commit_margin"?: string;
          "max_in_flight"?: number;
          "max_refusals"?: number;
          "max_requests"?: number;
          "other_requests"?: (string)[];
          "reason"?: string | null;
          "requests_window"?: string;
        };
        Relationships: [];
      };
      "hlf_sync_manual_actions": {
        Row: {
          "action": string;
          "actor": string;
          "created_at": string;
          "id": string;
          "mentor_id": string;
          "organisation_id": string;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "actor": string;
          "created_at"?: string;
          "id"?: string;
          "mentor_id": string;
          "organisation_id": string;
        };
        Update: {
          "action"?: string;
          "actor"?: string;
          "created_at"?: string;
          "id"?: string;
          "mentor_id"?: string;
          "organisation_id"?: string;
        };
        Relationships: [];
      };
      "hlf_sync_state": {
        Row: {
          "attempts": number;
          "confirmed_at": string | null;
          "confirmed_generation": number | null;
          "confirmed_operation": Database["public"]["Enums"]["hlf_sync_operation"] | null;
          "dead_lettered_at": string | null;
          "due_at": string | null;
          "generation": number;
          "in_flight_attempt_id": string | null;
          "last_error": string | null;
          "mentor_id": string;
          "organisation_id": string;
          "refusals": number;
          "refused_since": string | null;
          "requested_at": string;
          "seen_event": string | null;
          "triggered_by_event": string;
          "uncounted_attempts": number;
          "updated_at": string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "confirmed_at"?: string | null;
          "confirmed_generation"?: number | null;
          "confirmed_operation"?: Database["public"]["Enums"]["hlf_sync_operation"] | null;
          "dead_lettered_at"?: string | null;
          "due_at"?: string | null;
          "generation"?: number;
          "in_flight_attempt_id"?: string | null;
          "last_error"?: string | null;
          "mentor_id": string;
          "organisation_id": string;
          "refusals"?: number;
          "refused_since"?: string | null;
          "requested_at"?: string;
          "seen_event"?: string | null;
          "triggered_by_event": string;
          "uncounted_attempts"?: number;
          "updated_at"?: string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        };
        Update: {
          "attempts"?: number;
          "confirmed_at"?: string | null;
          "confirmed_generation"?: number | null;
          "confirmed_operation"?: Database["public"]["Enums"]["hlf_sync_operation"] | null;
          "dead_lettered_at"?: string | null;
          "due_at"?: string | null;
          "generation"?: number;
          "in_flight_attempt_id"?: string | null;
          "last_error"?: string | null;
          "mentor_id"?: string;
          "organisation_id"?: string;
          "refusals"?: number;
          "refused_since"?: string | null;
          "requested_at"?: string;
          "seen_event"?: string | null;
          "triggered_by_event"?: string;
          "uncounted_attempts"?: number;
          "updated_at"?: string;
          "wanted_operation"?: Database["public"]["Enums"]["hlf_sync_operation"];
        };
        Relationships: [];
      };
      "hlf_sync_switches": {
        Row: {
          "is_enabled": boolean;
          "mass_change_allowed_until": string | null;
          "organisation_id": string;
          "switched_at": string;
          "switched_by": string;
        };
        ComputedFields: never;
        Insert: {
          "is_enabled"?: boolean;
          "mass_change_allowed_until"?: string | null;
          "organisation_id": string;
          "switched_at"?: string;
          "switched_by"?: string;
        };
        Update: {
          "is_enabled"?: boolean;
          "mass_change_allowed_until"?: string | null;
          "organisation_id"?: string;
          "switched_at"?: string;
          "switched_by"?: string;
        };
        Relationships: [];
      };
      "mentors": {
        Row: {
          "certification_expiry_date": string | null;
          "created_at": string;
          "email": string | null;
          "full_name": string;
          "id": string;
          "organisation_id": string;
          "status": Database["public"]["Enums"]["mentor_status"];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "certification_expiry_date"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "full_name": string;
          "id"?: string;
          "organisation_id": string;
          "status"?: Database["public"]["Enums"]["mentor_status"];
          "updated_at"?: string;
        };
        Update: {
          "certification_expiry_date"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "full_name"?: string;
          "id"?: string;
          "organisation_id"?: string;
          "status"?: Database["public"]["Enums"]["mentor_status"];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "mentors_organisation_id_fkey";
            columns: ["organisation_id"];
            isOneToOne: false;
            referencedRelation: "organisations";
            referencedColumns: ["id"];
          },
        ];
      };
      "organisation_members": {
        Row: {
          "organisation_id": string;
          "role": Database["public"]["Enums"]["organisation_role"];
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "organisation_id": string;
          "role": Database["public"]["Enums"]["organisation_role"];
          "user_id": string;
        };
        Update: {
          "organisation_id"?: string;
          "role"?: Database["public"]["Enums"]["organisation_role"];
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organisation_members_organisation_id_fkey";
            columns: ["organisation_id"];
            isOneToOne: false;
            referencedRelation: "organisations";
            referencedColumns: ["id"];
          },
        ];
      };
      "organisations": {
        Row: {
          "id": string;
          "name": string;
        };
        ComputedFields: never;
        Insert: {
          "id"?: string;
          "name": string;
        };
        Update: {
          "id"?: string;
          "name"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      "hlf_sync_mentor_status": {
        Row: {
          "confirmed_at": string | null;
          "confirmed_operation": Database["public"]["Enums"]["hlf_sync_operation"] | null;
          "dead_lettered_at": string | null;
          "due_at": string | null;
          "last_attempt_at": string | null;
          "last_attempt_id": string | null;
          "last_error_message": string | null;
          "last_operation": Database["public"]["Enums"]["hlf_sync_operation"] | null;
          "last_outcome": Database["public"]["Enums"]["hlf_sync_outcome"] | null;
          "last_response_code": number | null;
          "mentor_id": string;
          "organisation_id": string;
          "standing": string | null;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "admit_hlf_sync_request": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "gate_reason": string;
          "is_admitted": boolean;
        }[];
      };
      "begin_hlf_reconciliation": {
        Args: { "environment_id"?: string; "lease_seconds": number };
        Returns: string;
      };
      "claim_hlf_break_glass": {
        Args: { "lease_seconds": number; "mentor_ids": (string)[] };
        Returns: {
          "attempt_id": string;
          "mentor_id": string;
          "operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "organisation_id": string;
          "retry_count": number;
          "triggered_by_event": string;
        }[];
      };
      "claim_hlf_sync_ahead": {
        Args: {
          "batch_size": number;
          "claim_number"?: number;
          "lease_seconds": number;
          "lost_claims"?: (number)[];
          "max_attempts": number;
          "more_removes": number;
          "project_url"?: string;
          "worker": string;
        };
        Returns: Json;
      };
      "claim_hlf_sync_attempts": {
        Args: {
          "batch_size": number;
          "lease_seconds": number;
          "max_attempts": number;
          "only_mentor_id"?: string;
          "project_url"?: string;
        };
        Returns: {
          "attempt_id": string;
          "is_last": boolean;
          "mentor_id": string;
          "operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "organisation_id": string;
          "retry_count": number;
          "triggered_by_event": string;
        }[];
      };
      "close_hlf_sync_gate": { Args: { "reason": string; "seconds"?: number }; Returns: undefined };
      "confirm_hlf_sync_project": {
        Args: { "project_url": string; "question": string };
        Returns: string;
      };
      "find_hlf_break_glass_obstacles": {
        Args: { "attempt_ids": (string)[]; "mentor_ids": (string)[] };
        Returns: {
          "attempt_id": string;
          "obstacle": string;
        }[];
      };
      "finish_hlf_reconciliation": {
        Args: { "reader": string };
        Returns: {
          "drift_count": number;
          "is_believed": boolean;
          "listing_count": number;
          "unaddressable_count": number;
          "unknown_listing_count": number;
        }[];
      };
      "follow_hlf_sync_request": {
        Args: { "generation": number; "mentor_id": string };
        Returns: {
          "attempt_id": string;
          "error": string;
          "gate_reason": string;
          "gate_seconds": number;
          "is_due": boolean;
          "next_attempt_at": string;
          "operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "outcome": string;
          "response_code": number;
          "retry_count": number;
        }[];
      };
      "get_hlf_break_glass_view": {
        Args: { "after_mentor_id"?: string; "page_size"?: number };
        Returns: {
          "mentor_id": string;
          "organisation_id": string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        }[];
      };
      "get_hlf_mentors": {
        Args: {
          "after_mentor_id"?: string;
          "mentor_ids"?: (string)[];
          "org_id": string;
          "page_size"?: number;
        };
        Returns: {
          "certificate_expires_on": string;
          "is_shown": boolean;
          "mentor_id": string;
          "name": string;
          "reason": string;
        }[];
      };
      "get_hlf_organisations": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "is_enabled": boolean;
          "name": string;
          "organisation_id": string;
        }[];
      };
      "get_hlf_sync_audit_days": {
        Args: {
          "days_each"?: number;
          "from_date": string;
          "of_mentor_id"?: string;
          "of_outcome"?: Database["public"]["Enums"]["hlf_sync_outcome"];
          "org_id": string;
          "to_date": string;
        };
        Returns: {
          "dead_lettered": number;
          "failure": number;
          "first_day": string;
          "success": number;
        }[];
      };
      "get_hlf_sync_audit_summary": {
        Args: { "from_date": string; "org_id": string; "to_date": string };
        Returns: {
          "count": number;
          "outcome": Database["public"]["Enums"]["hlf_sync_outcome"];
        }[];
      };
      "hand_back_hlf_sync_attempts": {
        Args: { "attempt_ids": (string)[]; "worker": string };
        Returns: string[];
      };
      "import_hlf_break_glass": {
        Args: {
          "attempt_ids": (string)[];
          "error_messages": (string)[];
          "mentor_ids": (string)[];
          "operations": (Database["public"]["Enums"]["hlf_sync_operation"])[];
          "outcomes": (Database["public"]["Enums"]["hlf_sync_outcome"])[];
          "response_codes": (number)[];
        };
        Returns: number;
      };
      "note_hlf_sync_health": { Args: { "is_well": boolean }; Returns: undefined };
      "open_hlf_sync_gate": { Args: { "reason": string }; Returns: undefined };
      "preview_hlf_sync": {
        Args: { "mentor_ids"?: (string)[]; "org_id": string };
        Returns: {
          "confirmed_operation": Database["public"]["Enums"]["hlf_sync_operation"];
          "is_dead_letter": boolean;
          "is_in_sync": boolean;
          "is_waiting": boolean;
          "mentor_id": string;
          "wanted_operation": Database["public"]["Enums"]["hlf_sync_operation"];
        }[];
      };
      "read_hlf_sync_news": { Args: { "org_id": string; "since"?: string }; Returns: Json };
      "refuse_hlf_listings": { Args: { "reader": string }; Returns: undefined };
      "report_hlf_listings": {
        Args: {
          "hidden_mentor_ids": (string)[];
          "lease_seconds": number;
          "published_mentor_ids": (string)[];
          "reader": string;
          "unaddressable_count"?: number;
          "unaddressable_mentor_ids"?: (string)[];
        };
        Returns: undefined;
      };
      "request_hlf_force_sync": {
        Args: { "mentor_id": string };
        Returns: {
          "generation": number;
          "result": string;
          "triggered_by_event": string;
        }[];
      };
      "requeue_hlf_dead_letters": {
        Args: { "mentor_ids"?: (string)[]; "org_id": string };
        Returns: {
          "requeued_count": number;
          "result": string;
        }[];
      };
      "settle_hlf_break_glass": {
        Args: {
          "attempt_ids": (string)[];
          "error_messages": (string)[];
          "outcomes": (Database["public"]["Enums"]["hlf_sync_outcome"])[];
          "response_codes": (number)[];
        };
        Returns: {
          "attempt_id": string;
          "result": Database["public"]["Enums"]["hlf_sync_settle_result"];
        }[];
      };
      "settle_hlf_sync_attempts": {
        Args: {
          "attempt_ids": (string)[];
          "error_messages": (string)[];
          "outcomes": (Database["public"]["Enums"]["hlf_sync_outcome"])[];
          "response_codes": (number)[];
          "retry_delays_seconds": (number)[];
        };
        Returns: {
          "attempt_id": string;
          "due_in_seconds": number;
          "outcome": Database["public"]["Enums"]["hlf_sync_outcome"];
          "result": Database["public"]["Enums"]["hlf_sync_settle_result"];
        }[];
      };
      "verify_hlf_sync_audit": {
        Args: { "from_day": string; "to_day": string };
        Returns: {
          "checked_days": number;
          "first_bad_day": string;
          "is_intact": boolean;
          "reason": string;
        }[];
      };
    };
    Enums: {
      "hlf_sync_operation": "remove" | "restore";
      "hlf_sync_outcome": "success" | "failure" | "dead_lettered";
      "hlf_sync_settle_result": "settled" | "lease_lost" | "busy";
      "mentor_status": "active" | "paused" | "expired_cert" | "resigned";
      "organisation_role": "administrator" | "coordinator" | "member";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {
      "hlf_sync_operation": ["remove", "restore"],
      "hlf_sync_outcome": ["success", "failure", "dead_lettered"],
      "hlf_sync_settle_result": ["settled", "lease_lost", "busy"],
      "mentor_status": ["active", "paused", "expired_cert", "resigned"],
      "organisation_role": ["administrator", "coordinator", "member"],
    },
  },
} as const;
