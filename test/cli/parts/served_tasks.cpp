// The demo tasks of a server in this process.
#include "cli/tasks/demo_tasks.hpp"
#include "integration/service_fixture.hpp"
#include "support/program.hpp"

#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::cli;
using namespace echosocket::test;
using echosocket::testing::temporary_directory;

namespace {

struct served_tasks_fixture : service_fixture {
    void serve(demo_policy policy = {}) {
        settings.may_subscribe = [](const peer&, std::string_view topic) { return may_listen(topic); };
        add_demo_tasks(make(), std::move(policy));
        add_relay(*service);
        start();
    }
};

/// A disk that hangs: all threads of a folder wait until this goes.
class hanging_disk {
public:
    explicit hanging_disk(store_folder& folder) {
        for (int i = 0; i < 16; ++i) asio::post(folder.threads(), [released = released_] { released->wait(); });
    }
    hanging_disk(const hanging_disk&) = delete;
    hanging_disk& operator=(const hanging_disk&) = delete;
    ~hanging_disk() { released_->count_down(); }

private:
    std::shared_ptr<std::latch> released_ = std::make_shared<std::latch>(1);
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(served_tasks, served_tasks_fixture)

BOOST_AUTO_TEST_CASE(nobody_speaks_to_a_room_from_outside) {
    serve();
    std::vector<std::string> heard;
    client_settings.handlers.on_any_notify(
        [&heard](task_context& notice, std::string_view) { heard.emplace_back(notice.task()); });
    auto member = join();
    BOOST_TEST(outcome(ask<std::vector<std::string>>(member, "chat_join", "Ada", "lobby")) == "ok");
    BOOST_TEST(outcome(run([&] { return member.subscribe("news"); })) == "ok");
    auto outsider = join();
    BOOST_TEST(outsider.notify("chat/lobby", "from outside").has_value());
    BOOST_TEST(outsider.notify("news", "for all").has_value());
    run_until([&] { return !heard.empty(); });
    BOOST_TEST(heard == std::vector<std::string>{"news"}, boost::test_tools::per_element());
    leave(outsider);
    leave(member);
}

BOOST_AUTO_TEST_CASE(a_disk_that_hangs_holds_up_no_other_call) {
    const temporary_directory where;
    std::ofstream(where.path() / "there") << "something";
    demo_policy policy;
    policy.files.folder = std::make_shared<store_folder>(where.path());
    policy.files.quota = {1024 * 1024, "--files-quota"};
    std::optional<hanging_disk> hanging(std::in_place, *policy.files.folder);
    serve(policy);
    auto guest = join();
    auto put = spawn([&guest]() -> asio::awaitable<result<stored_file>> {
        const auto call = guest.open<stored_file, file_piece, void>("put", "a");
        const auto out = call.out();
        const file_piece piece(100);
        auto sent = co_await out.send(piece);
        if (!sent) co_return sent.error();
        auto reply = co_await call.reply();
        co_return reply;
    });
    auto get = spawn([&guest]() -> asio::awaitable<result<stored_file>> {
        const auto call = guest.open<stored_file, void, file_piece>("get", "there");
        auto reply = co_await call.reply();
        co_return reply;
    });
    auto size = begin<std::uint64_t>(guest, "file_size", "there");
    BOOST_TEST(value_of(ask<std::string>(guest, "echo", "x")) == "x");
    settle();
    BOOST_TEST((!put.done() && !get.done() && !size.done()));
    hanging.reset();
    BOOST_TEST(value_of(run(put)).bytes == 100U);
    BOOST_TEST(value_of(run(get)).bytes == 9U);
    BOOST_TEST(value_of(run(size)) == 9U);
    leave(guest);
}

BOOST_AUTO_TEST_SUITE_END()
