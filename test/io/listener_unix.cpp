#include "io/listener.hpp"

#include "support/io_fixture.hpp"
#include "support/transport_io.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace echosocket;
using namespace echosocket::test;
using local = asio::local::stream_protocol;

namespace {

namespace fs = std::filesystem;

struct unix_fixture : io_fixture {
    const fs::path folder = make_folder();
    const fs::path path = folder / "socket";
    const std::string address = "unix:" + path.string();

    ~unix_fixture() { fs::remove_all(folder); }

    static fs::path make_folder() {
        auto name = (fs::temp_directory_path() / "listener-XXXXXX").string();
        return ::mkdtemp(name.data());
    }

    result<std::unique_ptr<net::listener>> open() {
        return net::listener::open(io.get_executor(), net::parse_address(address).value(), clock);
    }

    /// The file that a killed server leaves behind.
    void leave_stale_socket() { local::acceptor acceptor(io, local::endpoint(path.string())); }

    void check_serves(net::listener& listener) {
        std::unique_ptr<transport> accepted;
        auto loop = spawn([&] { return listener.accept_loop([&](auto line) { accepted = std::move(line); }); });
        local::socket client(io);
        client.connect(local::endpoint(path.string()));
        run_until([&] { return accepted != nullptr; });
        BOOST_TEST(accepted->remote_address() == address);
        listener.close();
        run(loop);
    }

    void check_refused(std::string_view why) {
        const auto opened = open();
        BOOST_TEST_REQUIRE(!opened.has_value());
        BOOST_TEST((opened.error().code == errc::listen_failed));
        BOOST_TEST(opened.error().detail.find(address) != std::string::npos);
        BOOST_TEST(opened.error().detail.find(why) != std::string::npos, opened.error().detail);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listener_unix, unix_fixture)

BOOST_AUTO_TEST_CASE(connections_come_over_a_unix_socket) {
    const auto listener = open().value();
    BOOST_TEST(listener->local_address() == address);
    BOOST_TEST(listener->port() == 0);
    check_serves(*listener);
}

BOOST_AUTO_TEST_CASE(the_file_goes_when_the_listener_does) {
    auto listener = open().value();
    BOOST_TEST(fs::is_socket(path));
    listener->close();
    BOOST_TEST(!fs::exists(path));
    listener = open().value();
    listener.reset();
    BOOST_TEST(!fs::exists(path));
}

BOOST_AUTO_TEST_CASE(a_file_that_nobody_listens_at_any_more_is_replaced) {
    leave_stale_socket();
    BOOST_TEST(fs::is_socket(path));
    auto listener = open();
    BOOST_TEST_REQUIRE(listener.has_value());
    check_serves(**listener);
}

BOOST_AUTO_TEST_CASE(a_living_server_is_never_replaced) {
    const auto first = open().value();
    check_refused("is in use: another program listens there");
    check_serves(*first);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_socket_is_never_replaced) {
    std::ofstream(path) << "precious";
    check_refused("a file that is no socket is there");
    std::string kept;
    std::ifstream(path) >> kept;
    BOOST_TEST(kept == "precious");
}

BOOST_AUTO_TEST_CASE(a_link_is_never_followed_nor_replaced) {
    fs::create_symlink(folder / "elsewhere", path);
    check_refused("a file that is no socket is there");
    BOOST_TEST(fs::is_symlink(path));
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_said_so) {
    fs::remove_all(folder);
    check_refused("No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_file_that_took_the_place_of_the_listeners_own_stays) {
    auto listener = open().value();
    fs::rename(path, folder / "moved");
    std::ofstream(path) << "new";
    listener->close();
    BOOST_TEST(fs::exists(path));
}

BOOST_AUTO_TEST_SUITE_END()
