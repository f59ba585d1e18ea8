#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <vector>

#include "llm/fit_calls.hpp"
#include "llm/model_catalog.hpp"

namespace scena::llm {

/// What a service or a model does not take. Names: kModelSettings, and "json_schema", "tools",
/// "images", "audio" and "files".
struct Unsupported {
  std::vector<std::string> names;
  std::int64_t max_output = 0;  ///< Tokens that a reply of the model may have; 0: not known.
  CallIdForm call_ids;          ///< What it takes as the ids of calls.

  void add(std::string_view name) { names.emplace_back(name); }
};

/// Adds what the record tells.
void add_unsupported(const ModelRecord& record, Unsupported& unsupported);

/// How a request differs from the one that its service takes.
struct FittedRequest {
  /// Null: the request as it was asked for is fit.
  std::unique_ptr<ReplyRequest> changed;
  std::vector<std::string> left_out;  ///< What was set and taken out, for one warning each.
};

/// Checks a request before a byte of it is sent and takes out what `unsupported` names. "system" is
/// not taken out: the writer says it another way.
///
/// invalid_argument with the pointer of the member at fault: a tool name with other characters or
/// twice, parameters that are no schema of an object, a named tool that does not exist, media in
/// another message than a user's, a tool's result without its call, a setting out of its range.
/// unsupported, with the pointer, when `request.refuse_unsupported` and something would be left
/// out.
/// unsupported as well where a user's message would be empty without what is left out of it.
/// Calls and their results become such as the service takes: see fit_calls().
/// `max_tokens` above `max_output` is set down to it, or refused in the same way.
Result<FittedRequest> fit_request(const ReplyRequest& request, const Unsupported& unsupported);

}  // namespace scena::llm
