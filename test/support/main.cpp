// The main function of every test program.
#include "support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>

namespace echosocket::test {

namespace {

bool some_were_skipped = false;

bool name_the_module() {
    boost::unit_test::framework::master_test_suite().p_name.value = "echosocket";
    return true;
}

}  // namespace

void skip(const std::string& why) {
    some_were_skipped = true;
    std::cout << "skipped: " << why << std::endl;
}

}  // namespace echosocket::test

int main(int argc, char* argv[]) {
    const int code = boost::unit_test::unit_test_main(&echosocket::test::name_the_module, argc, argv);
    return code == 0 && echosocket::test::some_were_skipped ? echosocket::test::skipped_exit_code : code;
}
