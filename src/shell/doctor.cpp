#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "shell/commands.hpp"
#include "shell/config.hpp"
#include "shell/provider_key.hpp"

namespace scena::shell {
namespace {

// One line a dependency, and the worst of them decides the exit code.
class Findings {
 public:
  explicit Findings(Console& console) noexcept : console_(console) {}

  void good(std::string_view what, const std::string& text) { line("ok", "32", what, text); }
  void warn(std::string_view what, const std::string& text) { line("warn", "33", what, text); }
  void bad(std::string_view what, const std::string& text, Exit exit) {
    line("FAULT", "31", what, text);
    if (exit_ == Exit::ok) exit_ = exit;
  }
  void bad(std::string_view what, const Error& error) {
    bad(what, error.what(), exit_of(error.code()));
  }
  Exit exit() const noexcept { return exit_; }

 private:
  void line(std::string_view mark, std::string_view style, std::string_view what,
            std::string text) {
    std::replace(text.begin(), text.end(), '\n', ';');
    console_.line(console_.styled(style, fmt::format("{:<5}", mark)) +
                  fmt::format(" {:<13} ", what) + printable(text));
  }

  Console& console_;
  Exit exit_ = Exit::ok;
};

void check_storage(Findings& findings, Config config) {
  if (config.storage.starts_with("sqlite:")) {
    const std::filesystem::path file = config.storage.substr(7);
    std::error_code ignored;
    config.storage_read_only = std::filesystem::exists(file, ignored);
    if (!config.storage_read_only) {
      const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
      if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        return findings.bad("storage",
                            config.storage + " does not exist, and its folder cannot be written",
                            Exit::storage);
      }
      return findings.good("storage",
                           config.storage + " does not exist yet; the first session creates it");
    }
  }
  auto engine = Engine::try_open(config, make_dependencies());
  if (!engine) return findings.bad("storage", engine.error());
  try {
    engine->check_storage();
    const bool any = !engine->sessions({.after = {}, .limit = 1, .state = {}}).sessions.empty();
    findings.good("storage",
                  config.storage +
                      (config.storage_read_only ? " opens, its schema fits, every page is whole, "
                                                : " opens, ") +
                      (any ? "its list of sessions can be read" : "no session is stored"));
  } catch (const Error& error) {
    findings.bad("storage", error);
  }
}

void check_presets(Findings& findings) {
  std::size_t faults = 0;
  for (const Preset& preset : builtin_presets()) faults += check_preset(preset.to_json()).size();
  if (faults != 0)
    return findings.bad("presets", fmt::format("{} faults in the built-in presets", faults),
                        Exit::invalid);
  findings.good("presets", fmt::format("{} built in", builtin_presets().size()));
}

// The key is looked for, never used: nothing is sent anywhere.
void check_provider(Findings& findings, const Config& config) {
  const auto key = provider_key(config);
  if (!key) return findings.good("provider", config.provider + " (offline, needs no key)");
  if (key->given)
    return findings.good("provider",
                         config.provider + ", a key is there (not tried: that could cost money)");
  if (!key->needed)
    return findings.warn("provider", config.provider + ", without a key; set " + key->variable +
                                         " if the server asks for one");
  findings.bad("provider", no_key(config, *key));
}

// Whether the provider that is set is asked over TLS: not in process, not at a plain address.
bool needs_certificates(const Config& config) {
  const std::string url = provider_url(config);
  const std::string kind(provider_kind(url));
  if (kind == "script" || kind == "fault") return false;
  auto named = config.providers.find(config.provider);
  if (named == config.providers.end()) named = config.providers.find(kind);
  std::string address = url;
  if (url.find("://") == std::string::npos)
    address = named == config.providers.end() ? std::string() : named->second.base_url;
  if (address.empty()) return kind != "ollama";
  return address.find("http://") == std::string::npos;
}

void check_certificates(Findings& findings, const Config& config) {
  if (!config.http.verify)
    return findings.warn("certificates", "http.verify is off: nobody checks who answers");
  const char* own = std::getenv("SSL_CERT_FILE");
  const std::string file = !config.http.ca_file.empty() ? config.http.ca_file
                           : own && *own                ? own
                                                        : "/etc/ssl/certs/ca-certificates.crt";
  std::error_code failure;
  const auto size = std::filesystem::file_size(file, failure);
  if (failure || size == 0 || ::access(file.c_str(), R_OK) != 0) {
    const std::string text =
        file + " cannot be read; install the package ca-certificates or set http.ca_file";
    if (needs_certificates(config)) return findings.bad("certificates", text, Exit::provider);
    return findings.warn("certificates", text + " before a service is asked over https");
  }
  findings.good("certificates", fmt::format("{} ({} KiB)", file, size / 1'024));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// False where no engine takes the configuration.
bool check_engine(Findings& findings, Config config) {
  config.storage = "memory:";
  auto engine = Engine::try_open(config, make_dependencies());
  if (!engine) {
    findings.bad("engine", engine.error());
    return false;
  }
  const Capabilities can = engine->capabilities();
  findings.good("engine", "providers " + joined(can.providers) + "; storages " +
                              joined(can.storages) + "; metrics " + joined(can.metrics));
  if (can.https) {
    findings.good("tls", "https is built in");
  } else {
    findings.bad("tls", "this build has no https", Exit::other);
  }
  return true;
}

}  // namespace

Exit doctor_command(const Args& args, Console& console) {
  Findings findings(console);
  findings.good("scena", version());
  const auto config = make_config(args);
  if (!config) {
    findings.bad("configuration", config.error());
    return findings.exit();
  }
  if (const auto faults = config->check(); !faults.empty()) {
    for (const Fault& fault : faults)
      findings.bad("configuration", fault.pointer + ": " + fault.message, Exit::invalid);
    return findings.exit();
  }
  findings.good("configuration", args.config.empty() ? "defaults and environment" : args.config);
  // What was refused may hold a password in its URL, so no more is said of it.
  const bool taken = check_engine(findings, *config);
  if (taken) check_storage(findings, *config);
  check_presets(findings);
  if (taken) {
    check_provider(findings, *config);
    check_certificates(findings, *config);
  }
  return findings.exit();
}

}  // namespace scena::shell
