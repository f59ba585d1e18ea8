#pragma once

#include <scena/engine.hpp>
#include <string>

#include "domain/session_model.hpp"
#include "engine/core.hpp"
#include "engine/money/ledger.hpp"

namespace scena::engine {

/// JSON: the whole log and the preset, to be imported elsewhere. JSONL: one event a line. Markdown:
/// the chosen line, for people. What `who` may not see is left out of Markdown and JSONL; the JSON
/// export is the host's.
Result<std::string> export_session(Core& core, const Principal& who, const std::string& id,
                                   const SessionModel& model, ExportFormat format);

/// What an import writes.
struct ImportedSession {
  std::string id;
  std::string stream;
  Batch batch;
  SessionModel model;  ///< As its events make it,
  LedgerRows ledger;   ///< and the rows of its calls.
};

/// Reads a JSON export; every event and the preset are checked before anything is written. A fork
/// comes in with the prefix that it shared as events of its own, before its session.forked.
Result<ImportedSession> read_export(std::string_view json, const std::string& tenant);

}  // namespace scena::engine
