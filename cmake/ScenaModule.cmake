# scena_module(<name> USES <modules...> SOURCES <files...> LIBRARIES <targets...> [PCH <headers...>])
#
# One module of the house: a static library scena_<name>. USES names modules on lower floors only;
# the test `layers` reads that line and compares it with every #include below src/<name>.
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

set_property(GLOBAL PROPERTY SCENA_MODULES "")
set_property(GLOBAL PROPERTY SCENA_LIBRARIES "")

function(scena_module name)
  cmake_parse_arguments(ARG "" "" "USES;SOURCES;LIBRARIES;PCH" ${ARGN})
  add_library(scena_${name} STATIC ${ARG_SOURCES})
  set_target_properties(scena_${name} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_include_directories(scena_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(scena_${name} PRIVATE scena_options)
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(scena_${name} PUBLIC scena_${used})
  endforeach()
  target_link_libraries(scena_${name} PUBLIC ${ARG_LIBRARIES})
  # What nobody calls is left out of a shared object that is linked with --gc-sections: 1.1 MB of 13.5.
  target_compile_options(scena_${name} PRIVATE -ffunction-sections -fdata-sections)
  # What is counted and what the fuzzer follows is the library, not its tests.
  target_compile_options(scena_${name} PRIVATE
    $<$<BOOL:${SCENA_COVERAGE}>:-fprofile-instr-generate;-fcoverage-mapping>
    $<$<BOOL:${SCENA_BUILD_FUZZ}>:-fsanitize=fuzzer-no-link>)
  if(ARG_PCH)
    target_precompile_headers(scena_${name} PRIVATE ${ARG_PCH})
  endif()
  set_property(GLOBAL APPEND PROPERTY SCENA_MODULES ${name})
  set_property(GLOBAL APPEND PROPERTY SCENA_LIBRARIES ${ARG_LIBRARIES})
endfunction()

# scena_library(): the one static library a host links, made of every module's objects.
function(scena_library)
  get_property(modules GLOBAL PROPERTY SCENA_MODULES)
  get_property(libraries GLOBAL PROPERTY SCENA_LIBRARIES)
  list(REMOVE_DUPLICATES libraries)
  # Headers that only our own sources include: a host that links scena needs none of them.
  list(REMOVE_ITEM libraries nlohmann_json::nlohmann_json fmt::fmt-header-only Boost::headers)
  set(objects "")
  foreach(module IN LISTS modules)
    list(APPEND objects $<TARGET_OBJECTS:scena_${module}>)
  endforeach()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/scena/*.hpp)
  add_library(scena STATIC ${objects})
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
