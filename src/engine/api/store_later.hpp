#pragma once

#include <memory>
#include <new>
#include <optional>
#include <scena/pending.hpp>
#include <utility>

#include "engine/core.hpp"

namespace scena {

/// Commits one batch from within a call at the store.
inline Result<void> commit_one(Storage& storage, Batch batch) {
  auto results = storage.commit({&batch, 1});
  if (results.size() != 1)
    return Error::fixed(ErrorCode::internal, "storage: a commit gave no answer; please report it");
  return std::move(results.front());
}

/// Answers with what `work(Storage&)`, a Result, gives where commits run, after `finish(value)` has
/// made a Result<T> of it on the loop; with closed when the engine is closed before.
template <class T, class Work, class Finish>
Pending<T> store_later(const std::shared_ptr<engine::Core>& core, Work work, Finish finish) {
  using State = detail::PendingState<T>;
  using Made = decltype(work(std::declval<Storage&>()));
  auto state = std::make_shared<State>(std::weak_ptr<detail::Driver>(core));
  const std::shared_ptr<State> answer(state.get(), [state](State* waiting) {
    waiting->abandon(Error::fixed(ErrorCode::closed, "the engine was closed"));
  });
  const auto made = std::make_shared<std::optional<Made>>();
  core->at_store(
      [work = std::move(work), made](Storage& storage) mutable { made->emplace(work(storage)); },
      [answer, made, finish = std::move(finish)](const Result<void>& ran) {
        if (!ran) return answer->resolve(ran.error());
        if (!**made) return answer->resolve((*made)->error());
        try {
          answer->resolve(finish(std::move(**made)));
        } catch (const Error& error) {
          answer->resolve(error);
        } catch (const std::bad_alloc&) {
          answer->resolve(
              Error::fixed(ErrorCode::out_of_memory,
                           "it is stored, but there was not enough memory to say more"));
        }
      });
  return Pending<T>(std::move(state));
}

/// The same for what needs no finish.
template <class T, class Work>
Pending<T> store_later(const std::shared_ptr<engine::Core>& core, Work work) {
  return store_later<T>(core, std::move(work), [](Result<T> made) { return made; });
}

}  // namespace scena
