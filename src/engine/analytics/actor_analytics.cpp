#include "engine/actor/session_actor.hpp"
#include "engine/analytics/analytics_desk.hpp"
#include "engine/core.hpp"

// The session's row among the analytics. It is there from the session's creation on, unless rows
// were switched off then, and as it stood when its time was over it is counted.

namespace scena::engine {

void SessionActor::add_analytics(Batch& batch, const SessionFacts& facts) {
  const WallTime now = core_.clock().wall();
  if (model_.last_seq() == 0) {
    row_until_ = core_.analytics().open(*core_.storage(), tenant_, facts, now, core_.jobs(), batch);
    row_is_unknown_ = false;
    return;
  }
  // Whether there is a row or not, none outlives its session.
  if (facts.removed) {
    for (const std::string_view kind : {kAnalyticsRow, kAnalyticsCounted}) {
      RecordWrite erase;
      erase.key = {tenant_, std::string(kind), id_};
      erase.erase = true;
      batch.records.push_back(std::move(erase));
    }
    return;
  }
  // The turn's end writes it.
  if (facts.open_turn || !core_.analytics().enabled()) return;
  if (row_is_unknown_) find_analytics_row();
  if (!row_until_ || now >= *row_until_) return;
  RecordWrite update = analytics_record(tenant_, facts, *row_until_);
  update.if_present = true;  // it may have been counted meanwhile
  batch.records.push_back(std::move(update));
}

// A conversation does not fail for its row: a store that cannot be read now is asked again with the
// next commit.
void SessionActor::find_analytics_row() {
  const auto found = core_.storage()->get({tenant_, std::string(kAnalyticsRow), id_});
  if (!found) return;
  row_is_unknown_ = false;
  row_until_.reset();
  if (!*found) return;
  if (const auto row = read_analytics_row(**found)) row_until_ = row->until;
}

}  // namespace scena::engine
