import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";
import { restAndAuthCases } from "./rest_and_auth_cases.ts";

restAndAuthCases("PGlite", openPgliteDatabase);
