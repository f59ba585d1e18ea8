#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <vector>

#include "llm/model_catalog.hpp"

namespace scena::llm {

/// Names of what a service or a model does not take: kModelSettings, and "json_schema", "tools",
/// "images", "audio" and "files".
using Unsupported = std::vector<std::string>;

/// Adds what the record tells.
void add_unsupported(const ModelRecord& record, Unsupported& names);

/// A request of which only what its service takes is left.
struct FittedRequest {
  ReplyRequest request;
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
Result<FittedRequest> fit_request(ReplyRequest request, const Unsupported& unsupported);

}  // namespace scena::llm
