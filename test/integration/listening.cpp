// Addresses that a server listens on, and the errors if it cannot.
#include "integration/service_fixture.hpp"

#include <boost/asio/detached.hpp>

#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct listening_fixture : service_fixture {
    result<void> listen_at(std::vector<std::string> addresses) {
        settings.listen = std::move(addresses);
        make().on("echo", echo_task);
        return service->listen();
    }
    static std::string path_in_tmp(const std::string& name) {
        return (std::filesystem::temp_directory_path() / ("es-" + std::to_string(::getpid()) + name)).string();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listening, listening_fixture)

BOOST_AUTO_TEST_CASE(a_port_in_use_is_a_listen_error_that_names_the_address) {
    server first(io.get_executor(), {.clock = &clock});
    BOOST_TEST(outcome(first.listen()) == "ok");
    BOOST_TEST(first.port() != 0);
    const auto taken = first.addresses().front();
    const auto failed = listen_at({"127.0.0.1:0", taken});
    BOOST_TEST(outcome(failed) == "listen_failed");
    BOOST_TEST(failed.error().detail.find(taken) != std::string::npos);
    BOOST_TEST((service->port() == 0 && service->addresses().empty()));

    const auto report = run([&] { return service->run(); });
    BOOST_TEST(outcome(report) == "listen_failed");
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_refused_as_it_stands) {
    for (const auto* address : {"nonsense", "127.0.0.1", "127.0.0.1:65536", "[::1:80", "unix:", "http://x/"}) {
        const auto failed = listen_at({address});
        BOOST_TEST(outcome(failed) == "invalid_address");
        BOOST_TEST(failed.error().detail.find(address) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(an_address_of_another_machine_can_t_be_listened_at) {
    const auto failed = listen_at({"192.0.2.1:0"});
    BOOST_TEST(outcome(failed) == "listen_failed");
    BOOST_TEST(failed.error().detail.find("192.0.2.1:0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(host_and_port_are_used_where_no_list_is_given) {
    settings.host = "localhost";
    BOOST_TEST(outcome(listen_at({})) == "ok");
    BOOST_TEST(service->addresses().size() == 1U);
    BOOST_TEST(service->addresses().front().ends_with(":" + std::to_string(service->port())));
    start();
    auto c = join_at("localhost:" + std::to_string(service->port()));
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    leave(c);
}

BOOST_AUTO_TEST_CASE(clients_may_come_between_listen_and_run) {
    BOOST_TEST(outcome(listen_at({"127.0.0.1:0"})) == "ok");
    auto joining = spawn([&] { return client::connect(service->addresses().front(), client_settings); });
    settle();
    BOOST_TEST(!joining.done());
    start();
    auto c = value_of(run(joining));
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_names_no_address_opens_no_port) {
    settings.port.reset();
    make().on("echo", echo_task);
    start();
    auto c = value_of(run([&] { return client::connect(*service, client_settings); }));
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    BOOST_TEST((service->port() == 0 && service->addresses().empty()));
    leave(c);
}

BOOST_AUTO_TEST_CASE(port_0_takes_a_free_port) {
    make().on("echo", echo_task);
    start();
    BOOST_TEST(service->port() != 0);
}

BOOST_AUTO_TEST_CASE(a_server_whose_run_never_ended_leaves_its_addresses_to_others) {
    const auto path = path_in_tmp(".left");
    asio::io_context other;
    std::optional<server> first;
    std::vector<std::string> addresses{"127.0.0.1:0", "unix:" + path};
    for (const bool runs : {false, true}) {
        first.emplace(other.get_executor(), server_config{.listen = addresses});
        BOOST_REQUIRE(outcome(first->listen()) == "ok");
        addresses = first->addresses();
        if (runs) asio::co_spawn(other, first->run(), asio::detached);
        other.restart();
        other.poll();
        first.reset();
    }
    BOOST_TEST(outcome(listen_at(addresses)) == "ok");
    start();
    auto c = join_at(addresses.front());
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    other.restart();
    other.poll();  // what is left of the first one must not disturb it
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_run_that_begins_after_its_server_has_gone_ends_at_once) {
    asio::io_context other;
    std::exception_ptr thrown;
    {
        server gone(other.get_executor(), {.port = 0});
        asio::co_spawn(other, gone.run(),
                       [&](std::exception_ptr why, const result<shutdown_report>&) { thrown = why; });
    }
    other.run();
    BOOST_CHECK_THROW(std::rethrow_exception(thrown), usage_error);
}

BOOST_AUTO_TEST_CASE(the_file_of_a_unix_socket_goes_with_the_server) {
    const auto path = path_in_tmp(".goes");
    BOOST_TEST(outcome(listen_at({"unix:" + path})) == "ok");
    BOOST_TEST((service->port() == 0 && std::filesystem::exists(path)));
    service.reset();
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_in_no_directory_names_the_path) {
    const auto failed = listen_at({"unix:/nowhere/at/all.sock"});
    BOOST_TEST(outcome(failed) == "listen_failed");
    BOOST_TEST(failed.error().detail.find("/nowhere/at/all.sock") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_at_an_address_is_a_clear_error_at_the_client) {
    BOOST_TEST(outcome(listen_at({"127.0.0.1:0"})) == "ok");
    const auto address = service->addresses().front();
    service.reset();
    for (const auto& where : {address, std::string("unix:/nowhere/at/all.sock")}) {
        const auto failed = run([&] { return client::connect(where, client_settings); });
        BOOST_TEST(outcome(failed) == "connect_failed");
        BOOST_TEST(failed.error().detail.find(where) != std::string::npos);
        BOOST_TEST(failed.error().retryable);
    }
    BOOST_TEST(outcome(run([&] { return client::connect("nonsense", client_settings); })) == "invalid_address");
}

BOOST_AUTO_TEST_SUITE_END()
