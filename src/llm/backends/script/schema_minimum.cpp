#include "llm/backends/script/schema_minimum.hpp"

#include "base/json.hpp"

namespace scena::script {
namespace {

constexpr int kDeepest = 32;  // a schema may refer to itself
constexpr std::size_t kMostItems = 16;

class Minimum {
 public:
  Minimum(const Json& root, std::string_view text) : root_(root), text_(text) {}

  Json of(const Json& schema, int depth) const {
    if (!schema.is_object() || depth > kDeepest) return nullptr;
    if (const Json* value = member(schema, "const")) return *value;
    if (const Json* values = member(schema, "enum");
        values && values->is_array() && !values->empty()) {
      return values->front();
    }
    if (const Json* target = referred(schema)) return of(*target, depth + 1);
    for (const char* name : {"anyOf", "oneOf", "allOf"}) {
      const Json* choices = member(schema, name);
      if (choices && choices->is_array() && !choices->empty())
        return of(choices->front(), depth + 1);
    }
    return of_type(schema, type_of(schema), depth);
  }

 private:
  static const Json* member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }

  const Json* referred(const Json& schema) const {
    const Json* reference = member(schema, "$ref");
    if (!reference || !reference->is_string()) return nullptr;
    const auto& path = reference->get_ref<const std::string&>();
    if (path.empty() || path[0] != '#') return nullptr;
    try {
      const Json::json_pointer pointer(path.substr(1));
      return root_.contains(pointer) ? &root_.at(pointer) : nullptr;
    } catch (const Json::exception&) {
      return nullptr;
    }
  }

  static std::string type_of(const Json& schema) {
    const Json* type = member(schema, "type");
    if (type && type->is_string()) return type->get<std::string>();
    if (type && type->is_array()) {
      for (const Json& entry : *type) {
        if (entry.is_string() && entry != "null") return entry.get<std::string>();
      }
    }
    return schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string";
  }

  Json of_type(const Json& schema, const std::string& type, int depth) const {
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, depth);
    if (type == "boolean") return false;
    if (type == "null") return nullptr;
    if (type == "number" || type == "integer") {
      const Json* least = member(schema, "minimum");
      return least && least->is_number() && *least > 0 ? *least : Json(0);
    }
    return text_;
  }

  Json object(const Json& schema, int depth) const {
    Json value = Json::object();
    const Json* required = member(schema, "required");
    const Json* properties = member(schema, "properties");
    if (!required || !required->is_array()) return value;
    for (const Json& name : *required) {
      if (!name.is_string()) continue;
      const auto& key = name.get_ref<const std::string&>();
      const bool known = properties && properties->is_object() && properties->contains(key);
      value[key] = known ? of((*properties)[key], depth + 1) : Json(text_);
    }
    return value;
  }

  Json array(const Json& schema, int depth) const {
    Json value = Json::array();
    const Json* least = member(schema, "minItems");
    const Json* items = member(schema, "items");
    if (!items || !least || !least->is_number_unsigned()) return value;
    const auto count = std::min<std::size_t>(least->get<std::size_t>(), kMostItems);
    while (value.size() < count) value.push_back(of(*items, depth + 1));
    return value;
  }

  const Json& root_;
  std::string text_;
};

}  // namespace

Result<std::string> minimal_json(std::string_view schema, std::string_view text) {
  const auto parsed = parse_json(schema);
  if (!parsed)
    return Error(ErrorCode::invalid_argument,
                 std::string("the request's json_schema is ") + parsed.error().what());
  return dump_json(Minimum(*parsed, text).of(*parsed, 0));
}

}  // namespace scena::script
