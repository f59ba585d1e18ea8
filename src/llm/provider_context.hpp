#pragma once

#include <functional>
#include <map>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <scena/secret.hpp>
#include <string>

namespace scena::net {
class HttpTransport;
struct HttpHead;
class Loop;
}  // namespace scena::net

namespace scena::llm {

class ModelBook;

/// What providers are built on; all of it outlives them. One per loop.
struct ProviderContext {
  net::HttpTransport& http;
  net::Loop& loop;
  const Clock& clock;
  HttpConfig limits;
  const ModelBook* models = nullptr;  ///< Null: the catalog that is compiled in.
  /// Sees the head of each answer, and which model the request named; for what a service tells of
  /// its quotas. May be empty.
  std::function<void(const net::HttpHead&, const std::string& model)> on_head = {};
  /// Headers, query and body of one service's configuration; make() fills them in.
  std::map<std::string, Secret> headers = {};
  std::map<std::string, Secret> query = {};
  std::string body = {};
};

}  // namespace scena::llm
