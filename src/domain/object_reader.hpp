#pragma once

#include <scena/config.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace scena {

/// A member that a reader asked for: what the published schema is compared with.
struct KnownMember {
  std::string object;  ///< Kind of the object, e.g. "character".
  std::string name;
  std::string type;  ///< "string", "integer", "number", "boolean", "array", "object" or "any".
  std::int64_t max =
      0;  ///< Longest text in bytes, longest list or greatest number; 0: not bounded here.
  auto operator<=>(const KnownMember&) const = default;
};

/// Faults of one document. After the first kMaxFaults the rest is counted by one closing fault.
class FaultList {
 public:
  static constexpr std::size_t kMaxFaults = 100;

  void add(std::string pointer, std::string message, std::string example = {});
  bool empty() const noexcept { return faults_.empty(); }
  std::vector<Fault> take();

  std::vector<KnownMember>* known = nullptr;  ///< Receives every member asked for, when set.

 private:
  std::vector<Fault> faults_;
  std::size_t more_ = 0;
};

struct TextRule {
  std::size_t max_bytes = 0;
  bool required = false;
  std::string_view example = {};
  bool single_line = false;
};

/// Reads the members of one JSON object, noting every fault with its pointer and going on. Members
/// that nobody asked for are faults of finish(), so the list of known ones cannot drift.
class ObjectReader {
 public:
  /// `kind` names the object in faults and must be a literal.
  ObjectReader(const Json& json, std::string pointer, const char* kind, FaultList& faults);

  bool is_object() const noexcept { return json_ != nullptr; }
  const std::string& pointer() const noexcept { return pointer_; }
  std::string at(std::string_view name) const { return json_pointer(pointer_, name); }
  FaultList& faults() noexcept { return faults_; }

  void text(const char* name, std::string& out, TextRule rule);
  void texts(const char* name, std::vector<std::string>& out, std::size_t max_items, TextRule rule);
  void boolean(const char* name, bool& out);
  /// False when the member is absent or at fault.
  bool integer(const char* name, std::int64_t min, std::int64_t max, std::int64_t& out);
  bool number(const char* name, double min, double max, double& out);
  /// The member as it is, or null.
  const Json* any(const char* name);
  const Json* object(const char* name);
  /// Null when absent, empty or at fault.
  const Json* list(const char* name, std::size_t max_items, bool required = false,
                   std::string_view example = {});

  template <class Enum>
  struct Word {
    const char* name;
    Enum value;
  };
  /// One of a few fixed words; absent leaves `out` alone.
  /// @return Whether one of them is there.
  template <class Enum, std::size_t N>
  bool word(const char* name, const Word<Enum> (&words)[N], Enum& out) {
    const Json* member = find(name, "string", 0);
    if (!member) return false;
    std::string allowed;
    for (const auto& candidate : words) {
      if (member->is_string() && member->get_ref<const std::string&>() == candidate.name) {
        out = candidate.value;
        return true;
      }
      allowed += allowed.empty() ? "" : ", ";
      allowed += candidate.name;
    }
    faults_.add(at(name), "not one of: " + allowed, words[0].name);
    return false;
  }

  bool has(const char* name) const;
  void finish();

 private:
  const Json* find(const char* name, const char* type, std::int64_t max);

  const Json* json_;
  std::string pointer_;
  const char* kind_;
  FaultList& faults_;
  std::set<std::string, std::less<>> asked_;
};

/// Judges a text alone; false when it is at fault.
bool check_text(const Json& json, const std::string& pointer, const TextRule& rule,
                FaultList& faults);

}  // namespace scena
