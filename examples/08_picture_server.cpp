// A task that draws: the argument selects the shape, its place and colour are random, the reply is an SVG picture.
//
//     picture_server [ADDRESS]
#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <map>
#include <random>
#include <sstream>

namespace asio = boost::asio;
namespace es = echosocket;

/// Each is 100 by 100, centred on the origin; `draw` moves and colours it.
const std::map<std::string, std::string> shapes{
    {"circle", R"(<circle r="50"/>)"},
    {"square", R"(<rect x="-50" y="-50" width="100" height="100"/>)"},
    {"triangle", R"(<polygon points="0,-50 50,50 -50,50"/>)"},
};

es::result<std::string> draw(std::string shape) {
    static std::minstd_rand chance{std::random_device{}()};
    const auto found = shapes.find(shape);
    if (found == shapes.end()) return es::failure{es::errc::bad_request, "shape: expected circle, square or triangle"};

    std::uniform_int_distribution place{50, 350};
    std::uniform_int_distribution hue{0, 359};
    std::ostringstream svg;
    svg << R"(<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">)"
        << "<g transform=\"translate(" << place(chance) << ' ' << place(chance) << ")\" fill=\"hsl(" << hue(chance)
        << " 80% 50%)\">" << found->second << "</g></svg>\n";
    return svg.str();
}

int main(int argc, char** argv) {
    asio::io_context io;
    es::server server{io.get_executor(), {.listen = {argc > 1 ? argv[1] : "127.0.0.1:8080"}}};
    server.on("draw", draw, "Draws a circle, square or triangle somewhere, as SVG");
    if (!server.listen()) return 1;
    std::cout << "listening on " << server.addresses().front() << std::endl;
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
}
