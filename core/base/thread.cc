// A named thread that joins itself.
#include "core/base/thread.h"

#include <pthread.h>

#include <exception>
#include <typeinfo>

#include "core/base/result.h"

namespace veilroute {

namespace {

/// What the kernel keeps of a thread's name (TASK_COMM_LEN without its NUL).
constexpr std::size_t kLongestName = 15;

void run_named(const std::string& name, const std::function<void(std::stop_token)>& body,
               const std::stop_token& stop) {
  // A name that could not be set costs a nicer `top -H` and nothing else.
  static_cast<void>(::pthread_setname_np(::pthread_self(), name.c_str()));
  // The text of an exception may hold a value that identifies a person: only its type is told.
  try {
    body(stop);
  } catch (const std::exception& problem) {
    die("an exception left thread " + name + ": " + typeid(problem).name());
  } catch (...) {
    die("an exception left thread " + name);
  }
}

}  // namespace

Thread::Thread(const std::string& name, std::function<void(std::stop_token)> body)
    : thread_([kept = name.substr(0, kLongestName), run = std::move(body)](
                  const std::stop_token& stop) { run_named(kept, run, stop); }) {}

}  // namespace veilroute
