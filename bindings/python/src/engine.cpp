#include "engine.hpp"

namespace scena::python {

Dependencies dependencies_of(const py::dict& given) {
  Dependencies made;
  const auto member = [&](const char* name) -> py::object {
    return given.contains(name) ? py::object(given[name]) : py::none();
  };
  for (const auto& [name, adapter] : member("providers").cast<py::dict>()) {
    const std::string of = utf8(name, "a provider's name");
    made.providers[of] = make_provider(of, py::reinterpret_borrow<py::object>(adapter));
  }
  for (const py::handle adapter : member("tools"))
    made.tools.push_back(make_tool(py::reinterpret_borrow<py::object>(adapter)));
  for (const py::handle adapter : member("analyzers")) {
    made.analyzers.push_back(make_analyzer(utf8(adapter.attr("name"), "an analyzer's name"),
                                           py::reinterpret_borrow<py::object>(adapter)));
  }
  if (const auto adapter = member("tool_approval"); !adapter.is_none())
    made.tool_approval = make_approval(adapter);
  if (const auto adapter = member("filter"); !adapter.is_none()) made.filter = make_filter(adapter);
  if (const auto adapter = member("log"); !adapter.is_none()) made.log = make_log(adapter);
  if (const auto adapter = member("secrets"); !adapter.is_none())
    made.secrets = make_secrets(adapter);
  for (const auto& [kind, adapter] : member("job_handlers").cast<py::dict>()) {
    made.job_handlers[utf8(kind, "a kind of jobs")] =
        make_job_handler(py::reinterpret_borrow<py::object>(adapter));
  }
  for (const auto& [name, adapter] : member("event_sinks").cast<py::dict>()) {
    made.event_sinks[utf8(name, "an event sink's name")] =
        make_event_sink(py::reinterpret_borrow<py::object>(adapter));
  }
  for (const auto& [name, adapter] : member("embedders").cast<py::dict>()) {
    const std::string of = utf8(name, "an embedder's name");
    made.embedders[of] = make_embedder(of, py::reinterpret_borrow<py::object>(adapter));
  }
  for (const auto& [models, count] : member("token_counters").cast<py::dict>()) {
    made.token_counters[utf8(models, "a token counter's models")] =
        make_token_counter(py::reinterpret_borrow<py::object>(count));
  }
  return made;
}

namespace {

std::unique_ptr<PyEngine> open(std::string_view json, bool from_env, const py::dict& parts) {
  Config config = Config::from_json(json).value_or_throw();
  if (from_env) config = Config::from_env(std::move(config)).value_or_throw();
  Dependencies dependencies = dependencies_of(parts);
  const bool real_clock = config.clock == ClockKind::real;
  return std::make_unique<PyEngine>(
      unlocked([&] { return Engine::open(config, std::move(dependencies)); }), real_clock);
}

std::unique_ptr<PyEngine> as_principal(PyEngine& self, const py::dict& given) {
  Principal principal;
  const auto take = [&](const char* name, std::string& out) {
    if (given.contains(name)) out = utf8(given[name], name);
  };
  take("tenant", principal.tenant);
  take("subject", principal.subject);
  take("participant", principal.participant);
  take("tier", principal.tier);
  take("address", principal.address);
  take("key", principal.key);
  if (given.contains("roles")) principal.roles = texts_of(given["roles"], "roles");
  return std::make_unique<PyEngine>(self.call([&](Engine& of) { return of.as(principal); }),
                                    self.real_clock());
}

std::shared_ptr<PyPending> pending_none(PyEngine& self, Pending<void> of) {
  return make_pending(std::move(of), self.real_clock(), [] { return py::none(); });
}

std::optional<SessionState> state_of(const py::object& name) {
  if (name.is_none()) return std::nullopt;
  const auto state = parse_session_state(utf8(name, "state"));
  if (!state)
    throw Error(ErrorCode::invalid_argument,
                "\"state\" is pending, active, paused, completed or error");
  return state;
}

ExportFormat format_of(const std::string& name) {
  if (name == "json") return ExportFormat::json;
  if (name == "jsonl") return ExportFormat::jsonl;
  if (name == "markdown") return ExportFormat::markdown;
  throw Error(ErrorCode::invalid_argument, "\"format\" is json, jsonl or markdown");
}

std::vector<CostBy> cost_by(const py::handle& names) {
  constexpr const char* kNames[] = {"session", "user", "provider", "model",
                                    "preset",  "day",  "month"};
  std::vector<CostBy> made;
  for (const auto& name : texts_of(names, "by")) {
    const auto found = std::find(std::begin(kNames), std::end(kNames), name);
    if (found == std::end(kNames))
      throw Error(ErrorCode::invalid_argument,
                  "\"by\" is a list of session, user, provider, model, preset, day and month");
    made.push_back(static_cast<CostBy>(found - std::begin(kNames)));
  }
  return made;
}

CostQuery cost_query(const py::dict& given) {
  CostQuery query;
  const std::pair<const char*, std::string*> members[] = {{"session", &query.session},
                                                          {"user", &query.user},
                                                          {"provider", &query.provider},
                                                          {"model", &query.model},
                                                          {"preset", &query.preset},
                                                          {"from", &query.from},
                                                          {"to", &query.to}};
  for (const auto& [name, out] : members) {
    if (given.contains(name)) *out = utf8(given[name], name);
  }
  return query;
}

void add_sessions(py::class_<PyEngine>& type) {
  type.def("create_session",
           [](PyEngine& self, const Str& preset, bool is_json, const py::dict& given) {
             const auto options = session_options(given);
             return self.session(self.call([&](Engine& of) {
               if (!is_json) return of.create_session(preset, options);
               return of.create_session(Preset::from_json(preset).value_or_throw(), options);
             }));
           })
      .def("session",
           [](PyEngine& self, const Str& id) {
             return self.session(self.call([&](Engine& of) { return of.session(id); }));
           })
      .def("sessions",
           [](PyEngine& self, const Str& after, const py::object& limit, const py::object& state) {
             const SessionQuery query{after, page_limit(limit), state_of(state)};
             const auto page = self.call([&](Engine& of) { return of.sessions(query); });
             return py::make_tuple(list_of(page.sessions), text(page.next));
           })
      .def("export_session",
           [](PyEngine& self, const Str& id, const Str& format) {
             const auto wanted = format_of(format);
             return text(self.call([&](Engine& of) { return of.export_session(id, wanted); }));
           })
      .def("import_session",
           [](PyEngine& self, const Str& json) {
             return self.session(self.call([&](Engine& of) { return of.import_session(json); }));
           })
      .def("rebuild",
           [](PyEngine& self, const Str& id) {
             return self.call([&](Engine& of) { return of.rebuild(id); });
           })
      .def("import_session_later",
           [](PyEngine& self, const Str& json) {
             return make_pending(
                 self.call([&](Engine& of) { return of.import_session_later(json); }),
                 self.real_clock(), [real = self.real_clock()](Session session) {
                   return py::cast(PySession(std::move(session), real));
                 });
           })
      .def("erase_user",
           [](PyEngine& self, const Str& subject) {
             return self.call([&](Engine& of) { return of.erase_user(subject); });
           })
      .def("erase_user_later",
           [](PyEngine& self, const Str& subject) {
             return make_pending(
                 self.call([&](Engine& of) { return of.erase_user_later(subject); }),
                 self.real_clock(), [](std::size_t sessions) { return py::int_(sessions); });
           })
      .def("rebuild_later", [](PyEngine& self, const Str& id) {
        return make_pending(self.call([&](Engine& of) { return of.rebuild_later(id); }),
                            self.real_clock(), [](bool same) { return py::bool_(same); });
      });
}

}  // namespace

void add_store(py::class_<PyEngine>& type) {
  type.def("presets",
           [](PyEngine& self, const Str& category, const Str& after, const py::object& limit) {
             const PresetQuery query{after, page_limit(limit), category};
             const auto page = self.call([&](Engine& of) { return of.presets(query); });
             return py::make_tuple(list_of(page.presets), text(page.next));
           })
      .def("preset",
           [](PyEngine& self, const Str& id) {
             return text(self.call([&](Engine& of) { return of.preset(id).to_json(); }));
           })
      .def("put_preset",
           [](PyEngine& self, const Str& json) {
             self.call([&](Engine& of) {
               of.put_preset(Preset::from_json(json).value_or_throw());
               return 0;
             });
           })
      .def("remove_preset",
           [](PyEngine& self, const Str& id) {
             self.call([&](Engine& of) {
               of.remove_preset(id);
               return 0;
             });
           })
      .def("seed_presets",
           [](PyEngine& self) { return self.call([](Engine& of) { return of.seed_presets(); }); })
      .def("put_preset_later",
           [](PyEngine& self, const Str& json) {
             return pending_none(self, self.call([&](Engine& of) {
               return of.put_preset_later(Preset::from_json(json).value_or_throw());
             }));
           })
      .def("remove_preset_later",
           [](PyEngine& self, const Str& id) {
             return pending_none(self,
                                 self.call([&](Engine& of) { return of.remove_preset_later(id); }));
           })
      .def("seed_presets_later",
           [](PyEngine& self) {
             return make_pending(self.call([](Engine& of) { return of.seed_presets_later(); }),
                                 self.real_clock(),
                                 [](std::size_t added) { return py::int_(added); });
           })
      .def("backup",
           [](PyEngine& self, const Str& path) {
             self.call([&](Engine& of) {
               of.backup(path);
               return 0;
             });
           })
      .def("check_storage",
           [](PyEngine& self) {
             self.call([](Engine& of) {
               of.check_storage();
               return 0;
             });
           })
      .def("update_policy",
           [](PyEngine& self, const Str& json) {
             self.call([&](Engine& of) {
               of.update_policy(json);
               return 0;
             });
           })
      .def("set_models",
           [](PyEngine& self, const Str& json) {
             self.call([&](Engine& of) {
               of.set_models(json);
               return 0;
             });
           })
      .def("set_providers",
           [](PyEngine& self, std::string_view json) {
             const auto config = Config::from_json(json).value_or_throw();
             self.call([&](Engine& of) {
               of.set_providers(config.providers);
               return 0;
             });
           })
      .def("set_prices",
           [](PyEngine& self, std::string_view json) {
             const auto config = Config::from_json(json).value_or_throw();
             self.call([&](Engine& of) {
               of.set_prices(config.prices);
               return 0;
             });
           })
      .def("costs",
           [](PyEngine& self, const py::dict& given, const py::object& names) {
             const auto query = cost_query(given);
             const auto by = cost_by(names);
             return list_of(self.call([&](Engine& of) { return of.costs(query, by); }));
           })
      .def("service_health",
           [](PyEngine& self) {
             py::dict made;
             for (const auto& [service, health] :
                  self.call([](Engine& of) { return of.service_health(); }))
               made[text(service)] = to_python(health);
             return made;
           })
      .def("cache_figures", [](PyEngine& self) {
        py::dict made;
        for (const auto& [model, figures] :
             self.call([](Engine& of) { return of.cache_figures(); }))
          made[text(model)] = to_python(figures);
        return made;
      });
}

void add_loop(py::class_<PyEngine>& type) {
  type.def("poll",
           [](PyEngine& self, const py::object& seconds) {
             const auto budget = std::chrono::duration_cast<std::chrono::microseconds>(
                 duration_of(seconds, "budget"));
             return self.call([&](Engine& of) { return of.poll(budget); });
           })
      .def("wait_fd",
           [](PyEngine& self) { return self.call([](Engine& of) { return of.wait_fd(); }); })
      .def("next_deadline",
           [](PyEngine& self) -> py::object {
             const auto left = self.call([](Engine& of) -> std::optional<double> {
               const auto deadline = of.next_deadline();
               if (!deadline) return std::nullopt;
               return std::chrono::duration<double>(*deadline - of.clock().now()).count();
             });
             return left ? py::object(py::float_(std::max(*left, 0.0))) : py::none();
           })
      .def("now",
           [](PyEngine& self) {
             return self.call([](Engine& of) {
               return std::chrono::duration<double>(of.clock().now().time_since_epoch()).count();
             });
           })
      .def("wall",
           [](PyEngine& self) {
             return self.call([](Engine& of) { return micros(of.clock().wall()); });
           })
      .def("advance",
           [](PyEngine& self, const py::object& seconds) {
             const auto step = duration_of(seconds, "step");
             self.call([&](Engine& of) {
               of.advance(step);
               return 0;
             });
           })
      .def("run_until_idle",
           [](PyEngine& self, const py::object& seconds) {
             const auto idle = [&](Milliseconds slice) {
               try {
                 self.engine().run_until_idle(slice);
                 return true;
               } catch (const Error& error) {
                 if (error.code() != ErrorCode::timeout) throw;
                 return false;
               }
             };
             return wait_with_signals(self.real_clock(), timeout_of(seconds, "timeout"), idle);
           })
      .def("stats",
           [](PyEngine& self) {
             return to_python(self.call([](Engine& of) { return of.stats(); }));
           })
      .def("capabilities",
           [](PyEngine& self) {
             return text(self.call([](Engine& of) { return of.capabilities().to_json(); }));
           })
      .def("close", [](PyEngine& self) {
        self.call([](Engine& of) {
          of.close();
          return 0;
        });
      });
}

void add_engine(py::module_& module) {
  py::class_<PyEngine> type(module, "Engine");
  type.def_static("open", &open).def("as_principal", &as_principal);
  type.def_property_readonly("real_clock", &PyEngine::real_clock);
  add_sessions(type);
  add_models(type);
  add_store(type);
  add_analytics(type);
  add_jobs(type);
  add_loop(type);
}

}  // namespace scena::python
