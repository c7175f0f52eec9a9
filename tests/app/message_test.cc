// Messages: whole or not at all, whatever the other end sends.
#include "app/message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace veilroute::app {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours = Descriptor(ends[0]);
    theirs = Descriptor(ends[1]);
  }
  void write(std::string_view bytes) const {
    ASSERT_EQ(::send(theirs.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  Descriptor ours;
  Descriptor theirs;
};

std::string framed(const std::string& text) {
  std::string frame(4, '\0');
  for (unsigned i = 0; i < 4; ++i) frame[i] = static_cast<char>(text.size() >> (8U * (3 - i)));
  return frame + text;
}

TEST(Message, ThatIsNoJsonIsRefused) {
  for (const char* text : {"", "{", "nothing", "{\"a\":}", "[1,]", "\xff\xfe", "{} {}"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().slug, "json.unreadable");
  }
}

TEST(Message, MayNestToADepthAndNoFurther) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(kDeepestJson)).ok());
  EXPECT_FALSE(parse_json(nested(kDeepestJson + 2)).ok());
  EXPECT_FALSE(parse_json(nested(1'000'000)).ok());
}

TEST(Message, CutOffIsALostConnection) {
  for (const std::size_t kept : {1U, 3U, 4U, 7U}) {
    Pair pair;
    pair.write(framed("{\"verb\":1}").substr(0, kept));
    pair.theirs.reset();
    const auto message = receive_message(pair.ours.get(), kMostRequestBytes);
    ASSERT_FALSE(message.ok()) << kept;
    EXPECT_EQ(message.error().slug, "control.lost");
  }
}

TEST(Message, LongerThanAllowedIsRefusedBeforeItIsRead) {
  Pair pair;
  pair.write(std::string("\x00\x10\x00\x01", 4));
  const auto message = receive_message(pair.ours.get(), kMostRequestBytes);
  ASSERT_FALSE(message.ok());
  EXPECT_EQ(message.error().slug, "control.message-too-long");
}

TEST(Message, IsNoneWhenTheOtherEndHangsUpBetweenTwo) {
  Pair pair;
  pair.theirs.reset();
  const auto message = receive_message(pair.ours.get(), kMostRequestBytes);
  ASSERT_TRUE(message.ok());
  EXPECT_FALSE(message->has_value());
}

TEST(Message, TooLongToSendIsNotSentInPart) {
  Pair pair;
  const auto sent = send_message(pair.ours.get(), json(std::string(kMostAnswerBytes, 'x')));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::exhausted);
  ASSERT_TRUE(send_message(pair.ours.get(), {{"still", "good"}}).ok());
  const auto message = receive_message(pair.theirs.get(), kMostRequestBytes);
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ((*message)->body["still"], "good");
}

TEST(Message, ToAnEndThatIsGoneIsAFailureNotASignal) {
  Pair pair;
  pair.theirs.reset();
  const auto sent = send_message(pair.ours.get(), {{"a", 1}});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().slug, "control.lost");
}

TEST(Message, ArrivesWholeThroughSmallBuffers) {
  Pair pair;
  const std::string long_text(700'000, 'x');
  std::thread sender([&] { EXPECT_TRUE(send_message(pair.theirs.get(), long_text).ok()); });
  const auto message = receive_message(pair.ours.get(), kMostRequestBytes);
  sender.join();
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ((*message)->body, long_text);
}

TEST(Message, BendsBytesThatAreNoTextInsteadOfFailing) {
  Pair pair;
  ASSERT_TRUE(send_message(pair.theirs.get(), {{"name", "M\xfcller"}}).ok());
  const auto message = receive_message(pair.ours.get(), kMostRequestBytes);
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ((*message)->body["name"], "M\xef\xbf\xbdller");
}

TEST(Message, CarriesAnOpenFile) {
  const TemporaryFolder folder;
  const auto file = folder.write("object", "the bytes");
  Pair pair;
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(send_message(pair.theirs.get(), {{"verb", "submit"}}, opened.get()).ok());
  auto message = receive_message(pair.ours.get(), kMostRequestBytes);
  ASSERT_TRUE(message.ok() && message->has_value());
  ASSERT_TRUE((*message)->descriptor.valid());
  EXPECT_NE((*message)->descriptor.get(), opened.get());
  std::array<char, 16> text{};
  EXPECT_EQ(::read((*message)->descriptor.get(), text.data(), text.size()), 9);
  EXPECT_STREQ(text.data(), "the bytes");
  EXPECT_NE(::fcntl((*message)->descriptor.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Message, FailuresCrossWithKindSlugAndDetail) {
  for (const auto kind : {ErrorKind::invalid, ErrorKind::refused, ErrorKind::unavailable,
                          ErrorKind::exhausted, ErrorKind::corrupt, ErrorKind::internal}) {
    const Error back = error_of(to_json(make_error(kind, "some.slug", "a detail")));
    EXPECT_EQ(back.kind, kind);
    EXPECT_EQ(back.slug, "some.slug");
    EXPECT_EQ(back.detail, "a detail");
  }
}

TEST(Message, FailuresThatNobodyUnderstandsAreOurOwnFault) {
  for (const json& body : {json(), json(7), json::object(), json{{"kind", "refused"}}}) {
    EXPECT_EQ(error_of(body).slug, "control.unreadable-answer");
    EXPECT_EQ(error_of(body).kind, ErrorKind::internal);
  }
}

TEST(Message, IsWipedAtEveryDepth) {
  json body = {{"secret", "0123"}, {"in", {{"list", {"4567", 8}}}}};
  wipe(body);
  EXPECT_EQ(body["secret"], std::string(4, '\0'));
  EXPECT_EQ(body["in"]["list"][0], std::string(4, '\0'));
  EXPECT_EQ(body["in"]["list"][1], 8);
}

}  // namespace
}  // namespace veilroute::app
