// Certificates of a test's own authority, through libcrypto and in memory.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "tests/support/fake_venue.hpp"

namespace spill::fake {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* thing) const {
        Free(thing);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freed<X509_free>>;

void need(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("libcrypto: ") + what);
}

Key make_key() {
    Key key(EVP_EC_gen("P-256"));
    need(key != nullptr, "key");
    return key;
}

void extend(X509* cert, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    need(extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1, value.c_str());
}

Cert make_cert(const CertificateSpec& spec, const char* name, EVP_PKEY* key) {
    static long serial = 1;
    Cert cert(X509_new());
    need(cert != nullptr, "certificate");
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), std::chrono::seconds(spec.from).count());
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), std::chrono::seconds(spec.to).count());
    X509_set_pubkey(cert.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return cert;
}

void sign(X509* cert, X509* issuer, EVP_PKEY* key) {
    need(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1, "issuer");
    need(X509_sign(cert, key, EVP_sha256()) > 0, "signature");
}

template <class Write>
std::string to_pem(Write write) {
    std::unique_ptr<BIO, Freed<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
    need(write(bio.get()) == 1, "PEM");
    char* data = nullptr;
    long const size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* cert) {
    return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
}
std::string pem_of(EVP_PKEY* key) {
    return to_pem([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void add_names(X509* cert, X509* issuer, const CertificateSpec& spec) {
    std::string names;
    for (const std::string& dns : spec.dns) names += (names.empty() ? "DNS:" : ",DNS:") + dns;
    for (const std::string& ip : spec.ip) names += (names.empty() ? "IP:" : ",IP:") + ip;
    extend(cert, issuer, NID_subject_alt_name, names);
}

}  // namespace

struct Authority::Keys {
    Key key = make_key();
    Cert cert = make_cert({}, "test authority", key.get());
};

Authority::Authority() : keys_(std::make_unique<Keys>()) {
    X509* const cert = keys_->cert.get();
    extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
    sign(cert, cert, keys_->key.get());
    char name[] = "/tmp/spill_test_ca_XXXXXX";
    int const fd = ::mkstemp(name);
    need(fd >= 0, "temporary file");
    file_ = name;
    std::string const pem = pem_of(cert);
    bool const written = ::write(fd, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size());
    ::close(fd);
    need(written, "temporary file");
}

Authority::~Authority() { ::unlink(file_.c_str()); }

Certificate Authority::issue(const CertificateSpec& spec) const {
    Key const key = make_key();
    Cert const cert = make_cert(spec, "test venue", key.get());
    add_names(cert.get(), keys_->cert.get(), spec);
    sign(cert.get(), keys_->cert.get(), keys_->key.get());
    return {pem_of(cert.get()), pem_of(key.get())};
}

Certificate Authority::self_signed(const CertificateSpec& spec) {
    Key const key = make_key();
    Cert const cert = make_cert(spec, "test venue", key.get());
    add_names(cert.get(), cert.get(), spec);
    sign(cert.get(), cert.get(), key.get());
    return {pem_of(cert.get()), pem_of(key.get())};
}

}  // namespace spill::fake
