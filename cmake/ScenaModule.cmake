# scena_module(<name> USES <modules...> SOURCES <files...> [COLD <files...>] LIBRARIES <targets...>)
#
# One module of the house: a static library scena_<name>. USES names modules on lower floors only;
# the test `layers` reads that line and compares it with every #include below src/<name>. COLD are the
# sources that run once an engine or for a rare command: they are compiled for size, the others for speed.
# Under sanitizers only the others are optimised at all: what is woven into the code takes most of a compiler's time.
add_library(scena_options INTERFACE)
target_compile_features(scena_options INTERFACE cxx_std_20)
target_compile_options(scena_options INTERFACE
  -ffp-contract=off
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers>
  # GCC 12 warns of its own inlining of std::string and std::optional at -O2 (PR105329, PR105562).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict -Wno-maybe-uninitialized>
  $<$<BOOL:${SCENA_WERROR}>:-Werror>)
if(SCENA_SANITIZE)
  target_compile_options(scena_options INTERFACE -fsanitize=${SCENA_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(scena_options INTERFACE -fsanitize=${SCENA_SANITIZE})
endif()
if(SCENA_COVERAGE)
  target_link_options(scena_options INTERFACE -fprofile-instr-generate)
endif()
target_compile_definitions(scena_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB
  $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)

set_property(GLOBAL PROPERTY SCENA_OBJECTS "")
set_property(GLOBAL PROPERTY SCENA_COLD_OBJECTS "")
set_property(GLOBAL PROPERTY SCENA_LIBRARIES "")

# scena_compile(<target> <used modules> <libraries>): what the targets that compile a module's files have in common.
function(scena_compile target uses libraries)
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE scena_options)
  foreach(used IN LISTS uses)
    target_link_libraries(${target} PUBLIC scena_${used})
  endforeach()
  target_link_libraries(${target} PUBLIC ${libraries})
  # What nobody calls is left out of a shared object that is linked with --gc-sections: 1.1 MB of 13.5.
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  # What is counted and what the fuzzer follows is the library, not its tests.
  target_compile_options(${target} PRIVATE
    $<$<BOOL:${SCENA_COVERAGE}>:-fprofile-instr-generate;-fcoverage-mapping>
    $<$<BOOL:${SCENA_BUILD_FUZZ}>:-fsanitize=fuzzer-no-link>)
endfunction()

# scena_cold(<variable> <target> <used modules> <libraries> <files...>): the objects of files that are compiled
# for size where a build is optimised, as those of <target>_cold.
function(scena_cold variable target uses libraries)
  add_library(${target}_cold OBJECT ${ARGN})
  scena_compile(${target}_cold "${uses}" "${libraries}")
  target_compile_options(${target}_cold PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-Os>)
  set(${variable} $<TARGET_OBJECTS:${target}_cold> PARENT_SCOPE)
endfunction()

function(scena_module name)
  cmake_parse_arguments(ARG "" "" "USES;SOURCES;COLD;LIBRARIES" ${ARGN})
  add_library(scena_${name} STATIC ${ARG_SOURCES})
  scena_compile(scena_${name} "${ARG_USES}" "${ARG_LIBRARIES}")
  if(SCENA_SANITIZE)
    target_compile_options(scena_${name} PRIVATE -O1)
  endif()
  set(cold "")
  if(ARG_COLD)
    scena_cold(cold scena_${name} "${ARG_USES}" "${ARG_LIBRARIES}" ${ARG_COLD})
    target_sources(scena_${name} PRIVATE ${cold})
  endif()
  set_property(GLOBAL APPEND PROPERTY SCENA_OBJECTS $<TARGET_OBJECTS:scena_${name}>)
  set_property(GLOBAL APPEND PROPERTY SCENA_COLD_OBJECTS ${cold})
  set_property(GLOBAL APPEND PROPERTY SCENA_LIBRARIES ${ARG_LIBRARIES})
endfunction()

# scena_library(): the one static library a host links, made of every module's objects.
function(scena_library)
  get_property(objects GLOBAL PROPERTY SCENA_OBJECTS)
  get_property(cold GLOBAL PROPERTY SCENA_COLD_OBJECTS)
  get_property(libraries GLOBAL PROPERTY SCENA_LIBRARIES)
  list(REMOVE_DUPLICATES libraries)
  # Headers that only our own sources include: a host that links scena needs none of them.
  list(REMOVE_ITEM libraries nlohmann_json::nlohmann_json fmt::fmt-header-only Boost::headers)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/scena/*.hpp)
  # Of a template's function that several have, a linker takes the first: the highest floor, which leads to the others,
  # stands first, and what is compiled for size last.
  list(REVERSE objects)
  add_library(scena STATIC ${objects} ${cold})
  add_library(scena::scena ALIAS scena)
  set_target_properties(scena PROPERTIES LINKER_LANGUAGE CXX VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(scena PUBLIC cxx_std_20)
  target_sources(scena PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
  target_link_libraries(scena PRIVATE ${libraries})
  if(SCENA_SANITIZE)
    target_link_options(scena PUBLIC -fsanitize=${SCENA_SANITIZE})
  endif()
  if(SCENA_COVERAGE)
    target_link_options(scena PUBLIC -fprofile-instr-generate)
  endif()
endfunction()
