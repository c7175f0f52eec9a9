#include "app/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "app/cli/verbs.h"

namespace veilroute::app::cli {

struct Argument::State {
  CLI::Option* option;
};
struct Verb::State {
  CLI::App* app;
  std::vector<std::unique_ptr<Verb>> verbs{};
  std::vector<std::unique_ptr<Argument>> arguments{};
  Argument* keep(CLI::Option* option) {
    arguments.push_back(
        std::make_unique<Argument>(std::make_unique<Argument::State>(Argument::State{option})));
    return arguments.back().get();
  }
};
struct CommandLine::State {
  State(const std::string& description, const std::string& name)
      : app(description, name), root(std::make_unique<Verb::State>(Verb::State{&app})) {}
  CLI::App app;
  Verb root;
};

Argument::Argument(std::unique_ptr<State> state) : state_(std::move(state)) {}
Argument::~Argument() = default;

Argument* Argument::required() {
  state_->option->required();
  return this;
}
Argument* Argument::type_name(const std::string& name) {
  state_->option->type_name(name);
  return this;
}
Argument* Argument::capture_default_str() {
  state_->option->capture_default_str();
  return this;
}
Argument* Argument::default_str(const std::string& text) {
  state_->option->default_str(text);
  return this;
}
Argument* Argument::excludes(Argument* other) {
  state_->option->excludes(other->state_->option);
  return this;
}
Argument* Argument::between(std::uint64_t least, std::uint64_t most) {
  state_->option->check(CLI::Range(least, most));
  return this;
}
Argument* Argument::one_of(const std::vector<std::string>& words) {
  state_->option->check(CLI::IsMember(words));
  return this;
}

Verb::Verb(std::unique_ptr<State> state) : state_(std::move(state)) {}
Verb::~Verb() = default;

Verb* Verb::add_subcommand(const std::string& name, const std::string& what) {
  CLI::App* app = state_->app->add_subcommand(name, what);
  state_->verbs.push_back(std::make_unique<Verb>(std::make_unique<State>(State{app})));
  return state_->verbs.back().get();
}
Argument* Verb::add_option(const std::string& name, std::string& value, const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option(const std::string& name, std::filesystem::path& value,
                           const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option(const std::string& name, std::vector<std::filesystem::path>& value,
                           const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option(const std::string& name, std::optional<std::uint64_t>& value,
                           const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option(const std::string& name, std::uint64_t& value,
                           const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option(const std::string& name, unsigned& value, const std::string& what) {
  return state_->keep(state_->app->add_option(name, value, what));
}
Argument* Verb::add_option_function(const std::string& name,
                                    const std::function<void(const std::string&)>& take,
                                    const std::string& what) {
  return state_->keep(state_->app->add_option_function<std::string>(name, take, what));
}
void Verb::add_flag(const std::string& name, bool& value, const std::string& what) {
  state_->app->add_flag(name, value, what);
}
void Verb::footer(const std::string& text) { state_->app->footer(text); }
void Verb::require_subcommand() { state_->app->require_subcommand(1); }
void Verb::callback(const std::function<void()>& chosen) { state_->app->callback(chosen); }

CommandLine::CommandLine(const std::string& description, const std::string& name,
                         const std::string& version)
    : state_(std::make_unique<State>(description, name)) {
  state_->app.set_version_flag("--version", version);
}
CommandLine::~CommandLine() = default;

Verb& CommandLine::root() { return state_->root; }

std::optional<int> CommandLine::parse(int argc, char** argv) {
  try {
    state_->app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return state_->app.exit(success);
  } catch (const CLI::ParseError& wrong) {
    state_->app.exit(wrong);
    return kInvalid;
  }
  return std::nullopt;
}

}  // namespace veilroute::app::cli
