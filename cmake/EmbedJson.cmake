# cmake -DOUTPUT=<file.cpp> -DINPUTS="a.json;b.json" -DHEADER=<module/x.hpp> -DNAMESPACE=<a::b>
#       -DTYPE=<Struct> -DFUNCTION=<name> -P EmbedJson.cmake
#
# Writes a C++ file in which FUNCTION gives the documents as a span of TYPE {name, json}. A literal may be
# limited to 64 KiB by a compiler, so a document is written as adjacent raw strings of at most 8,000 bytes.
set(entries "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name ${input} NAME_WE)
  file(READ ${input} text)
  string(REPLACE "\r" "" text "${text}")
  string(LENGTH "${text}" length)
  set(literal "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literal "\n    R\"scena_json(${piece})scena_json\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "  {\"${name}\", ${literal}},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Made from JSON documents by cmake/EmbedJson.cmake.
#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace {
constexpr ${TYPE} kSources[] = {
${entries}};
}  // namespace

std::span<const ${TYPE}> ${FUNCTION}() noexcept { return kSources; }

}  // namespace ${NAMESPACE}
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
file(REMOVE ${OUTPUT}.new)
