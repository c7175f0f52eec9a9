// The control socket: several callers at once, callers that misbehave, files that come along.
#include "app/control.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace veilroute::app {
namespace {

using namespace std::chrono_literals;

/// Answers "echo" with its arguments, "read" with what the file says, and remembers who was here.
class Answerer final : public RequestHandler {
 public:
  Result<json> handle(Request request, Caller& caller) override {
    const std::lock_guard lock(mutex_);
    actors_.push_back(caller.actor);
    if (request.verb == "echo") return json{{"said", request.arguments}};
    if (request.verb == "long") return json(std::string(kMostAnswerBytes + 1, 'x'));
    if (request.verb == "read") {
      std::array<char, 64> text{};
      const ssize_t got = ::read(request.file.get(), text.data(), text.size());
      return json(std::string(text.data(), got < 0 ? 0 : static_cast<std::size_t>(got)));
    }
    return make_error(ErrorKind::invalid, "control.unknown-verb", "no such verb");
  }
  void goodbye(Caller&) override { ++goodbyes; }

  std::vector<std::string> actors() {
    const std::lock_guard lock(mutex_);
    return actors_;
  }
  std::atomic<int> goodbyes = 0;

 private:
  std::mutex mutex_;
  std::vector<std::string> actors_;
};

class Control : public testing::Test {
 protected:
  Control() {
    auto opened = ControlSocket::open(folder_.path());
    EXPECT_TRUE(opened.ok());
    socket_ = std::move(opened).value();
    for (int i = 0; i < 2; ++i) {
      threads_.emplace_back(
          [this](const std::stop_token& stop) { socket_->serve(answerer_, stop); });
    }
  }
  ~Control() override {
    threads_.clear();
    socket_.reset();
  }
  ControlClient client() {
    auto connected = ControlClient::connect(folder_.path());
    EXPECT_TRUE(connected.ok() && connected->has_value());
    return std::move(**connected);
  }
  /// A connection that speaks no protocol of its own.
  [[nodiscard]] Descriptor raw() const {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = (folder_.path() / "control.sock").string();
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    return socket;
  }
  static std::string answer_to(const Descriptor& socket, std::string_view bytes) {
    EXPECT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    const auto message = receive_message(socket.get(), kMostAnswerBytes);
    if (!message.ok() || !message->has_value()) return "nothing";
    return (*message)->body.value("error", json::object()).value("slug", std::string("no error"));
  }

  TemporaryFolder folder_;
  Answerer answerer_;
  std::unique_ptr<ControlSocket> socket_;
  std::vector<std::jthread> threads_;
};

TEST_F(Control, IsForItsOwnerAlone) {
  struct stat status {};
  ASSERT_EQ(::stat((folder_.path() / "control.sock").c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Control, AnswersWithWhoAskedByTheKernelsWord) {
  auto answer = client().ask("echo", {{"a", 1}});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value()["said"]["a"], 1);
  EXPECT_EQ(answerer_.actors(), std::vector<std::string>{"uid:" + std::to_string(::geteuid())});
}

TEST_F(Control, PassesFailuresOn) {
  const auto answer = client().ask("nonsense", json::object());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().slug, "control.unknown-verb");
  EXPECT_EQ(answer.error().kind, ErrorKind::invalid);
}

TEST_F(Control, AnswersManyRequestsOnOneConnection) {
  ControlClient one = client();
  for (int i = 0; i < 50; ++i) {
    const auto answer = one.ask("echo", {{"i", i}});
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer.value()["said"]["i"], i);
  }
}

TEST_F(Control, TellsUnreadableRequestsApartAndHangsUp) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* slug;
  };
  const std::string deep(70, '[');
  const Case cases[] = {
      {"not JSON", std::string("\0\0\0\3abc", 7), "json.unreadable"},
      {"nested too deep", std::string("\0\0\0\x8c", 4) + deep + std::string(70, ']'),
       "json.unreadable"},
      {"too long", std::string("\x7f\xff\xff\xff", 4), "control.message-too-long"},
      {"no verb", std::string("\0\0\0\2{}", 6), "control.unreadable-request"},
      {"a verb that is no text", std::string("\0\0\0\x0a{\"verb\":1}", 14),
       "control.unreadable-request"},
      {"no object", std::string("\0\0\0\2[]", 6), "control.unreadable-request"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(answer_to(raw(), one.bytes), one.slug) << one.name;
  }
  EXPECT_TRUE(client().ask("echo", json::object()).ok()) << "the next caller is served";
}

TEST_F(Control, SaysWhenAnAnswerIsTooLongAndGoesOn) {
  ControlClient one = client();
  const auto answer = one.ask("long", json::object());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().slug, "control.message-too-long");
  EXPECT_TRUE(one.ask("echo", json::object()).ok());
}

TEST_F(Control, SurvivesACallerThatDiesInTheMiddle) {
  for (int i = 0; i < 8; ++i) {
    const Descriptor socket = raw();
    ASSERT_EQ(::send(socket.get(), "\0\0\1", 3, MSG_NOSIGNAL), 3);
  }
  EXPECT_TRUE(client().ask("echo", json::object()).ok());
  EXPECT_TRUE(test::wait_for([&] { return answerer_.goodbyes >= 8; }, 10s))
      << "each of them is said goodbye to: " << answerer_.goodbyes;
}

TEST_F(Control, ServesCallersBesideOneAnother) {
  const Descriptor silent = raw();  // keeps one of the two threads
  std::vector<std::jthread> callers;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&] {
      ControlClient one = client();
      for (int asked = 0; asked < 20; ++asked) {
        if (one.ask("echo", json::object()).ok()) ++answered;
      }
    });
  }
  callers.clear();
  EXPECT_EQ(answered, 120);
}

TEST_F(Control, WaitsWhenThereIsNoDescriptorLeft) {
  std::optional<ControlClient> leaving = client();
  ControlClient staying = client();
  ASSERT_TRUE(leaving->ask("echo", json::object()).ok());
  ASSERT_TRUE(staying.ask("echo", json::object()).ok());
  const Descriptor third = raw();  // both threads have a caller: it waits for the one who leaves
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{3, limit.rlim_max};  // what is open stays; poll takes no more than this
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  leaving.reset();
  EXPECT_TRUE(test::wait_for([&] { return answerer_.goodbyes >= 1; }, 10s));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(300ms);
  const auto used = std::clock() - before;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_LT(used, CLOCKS_PER_SEC / 100) << "a caller that cannot be accepted is not asked for at once";
  EXPECT_EQ(answer_to(third, std::string("\0\0\0\2{}", 6)), "control.unreadable-request");
}

TEST_F(Control, WaitsWhenItsSocketCannotBeWaitedFor) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};  // poll takes no more descriptors than this
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  std::this_thread::sleep_for(300ms);  // until what is being waited for is over
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(300ms);
  const auto used = std::clock() - before;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_LT(used, CLOCKS_PER_SEC / 100);
  EXPECT_TRUE(client().ask("echo", json::object()).ok());
}

TEST_F(Control, HandsOverAnOpenFile) {
  const auto file = folder_.write("object", "what the caller may read");
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const auto answer = client().ask("read", json::object(), opened.get());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value(), "what the caller may read");
}

TEST(ControlFolder, WithoutASocketMeansThatNobodyListens) {
  const TemporaryFolder folder;
  const auto none = ControlClient::connect(folder.path());
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  const auto nowhere = ControlClient::connect(folder.path() / "not-there");
  ASSERT_TRUE(nowhere.ok());
  EXPECT_FALSE(nowhere->has_value());
}

TEST(ControlFolder, ReplacesASocketThatADeadProcessLeft) {
  const TemporaryFolder folder;
  {
    // Bound and never listened to, as after a kill.
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder.path() / "control.sock").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  const auto left = ControlClient::connect(folder.path());
  ASSERT_TRUE(left.ok());
  EXPECT_FALSE(left->has_value());
  EXPECT_TRUE(ControlSocket::open(folder.path()).ok());
}

TEST(ControlFolder, MayLieDeeperThanASocketsNameIsLong) {
  const TemporaryFolder folder;
  const auto deep = folder.path() / std::string(120, 'd') / std::string(120, 'e');
  std::filesystem::create_directories(deep);
  const auto socket = ControlSocket::open(deep);
  ASSERT_TRUE(socket.ok());
  const auto client = ControlClient::connect(deep);
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE(client->has_value());
}

TEST(ControlFolder, IsLeftWithoutASocket) {
  const TemporaryFolder folder;
  { ASSERT_TRUE(ControlSocket::open(folder.path()).ok()); }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "control.sock"));
}

}  // namespace
}  // namespace veilroute::app
