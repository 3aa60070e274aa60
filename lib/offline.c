/* SPDX-License-Identifier: ISC */
/* offline: stands where libgit2 has its network, and refuses. */
#ifndef JIT_SHARED_LIBS
#include <stdbool.h>
#include <stddef.h>

#include <git2.h>
#include <git2/sys/transport.h>

/*
 * These names take the place of libgit2's own, so the members of libgit2.a
 * that define them, and with them sockets, TLS, http, ssh and the CA bundle
 * (10 ms to read), are not linked. Were one still needed, the linker would
 * report its name defined twice.
 */
extern bool git_http__expect_continue;
extern bool git_smart__ofs_delta_enabled;
int git_mbedtls__set_cert_location(const char *file, const char *path);
int git_mbedtls_stream_global_init(void);
int git_openssl_stream_global_init(void);
int git_stream_registry_global_init(void);
int git_transport_ssh_global_init(void);
int http_parser_parse_url(const char *url, size_t len, int is_connect,
	void *parts);

bool git_http__expect_continue;
bool git_smart__ofs_delta_enabled;

static int
refuse(void)
{
	git_error_set_str(GIT_ERROR_NET, "built without a network");
	return GIT_ERROR;
}

int
git_transport_new(git_transport **out, git_remote *owner, const char *url)
{
	(void)out;
	(void)owner;
	(void)url;
	return refuse();
}

int
git_mbedtls__set_cert_location(const char *file, const char *path)
{
	(void)file;
	(void)path;
	return refuse();
}

/* A URL that is none: not zero. */
int
http_parser_parse_url(const char *url, size_t len, int is_connect, void *parts)
{
	(void)url;
	(void)len;
	(void)is_connect;
	(void)parts;
	return 1;
}

/* Called by git_libgit2_init(): there is nothing to set up. */
int
git_mbedtls_stream_global_init(void)
{
	return 0;
}

int
git_openssl_stream_global_init(void)
{
	return 0;
}

int
git_stream_registry_global_init(void)
{
	return 0;
}

int
git_transport_ssh_global_init(void)
{
	return 0;
}

#else

/*
 * libgit2.so reads the CA bundle as it starts. In a program, this name comes
 * before that of libmbedx509.so, and the bundle stays unread: libgit2 takes
 * the error for a missing bundle.
 */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int
mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return -1;
}

#endif
