#pragma once

#include <cstddef>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::llm {

/// What a service takes as the id of a call. Whatever it takes, each id of a request is one call's.
struct CallIdForm {
  bool plain = false;       ///< Nothing but A-Z a-z 0-9 _ -.
  std::size_t most = 0;     ///< Bytes; 0: any number.
  std::size_t exactly = 0;  ///< So many of A-Z a-z 0-9; 0: the other two count.
};

/// What differs in one call or one result of a request from what its service takes.
struct CallChange {
  std::size_t message = 0;
  std::size_t call = 0;   ///< Of an assistant's message.
  std::string id;         ///< Of the call, or of the one that a message of role `tool` answers.
  std::string arguments;  ///< Of the call: a JSON object.
};

/// The changes that let a service take the calls of `messages`: they may be another service's, of
/// other turns and of a host's own making.
///
/// An id that is fit and is no earlier call's stays; others become one that no call has, the same
/// in each request that begins alike, and results follow their calls. Arguments that are empty are
/// an empty object; what is no object stands as a text in one, so that nobody's words become
/// members of the request.
std::vector<CallChange> fit_calls(const std::vector<PromptMessage>& messages,
                                  const CallIdForm& form);

/// The call of the message that its provider's state names: the one with that id, else the one
/// whose id has been told apart from others with it, here or in its turn ("x-2" of "x"). The number
/// of calls: none.
std::size_t call_named(const PromptMessage& message, std::string_view id) noexcept;

void apply(std::vector<CallChange> changes, std::vector<PromptMessage>& messages);

}  // namespace scena::llm
