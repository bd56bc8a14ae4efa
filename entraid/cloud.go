package entraid

// Cloud is one of Microsoft's separate clouds.
type Cloud string

// The clouds.
const (
	Public Cloud = "public"
	USGov  Cloud = "usgov"
	China  Cloud = "china"
)

type cloud struct{ host, name, v1, graph string }

// name is the cloud_instance_name of the metadata and the keys. Microsoft documents issuers of version 1 for the public
// cloud only.
var clouds = map[Cloud]cloud{
	Public: {"login.microsoftonline.com", "microsoftonline.com", "https://sts.windows.net/{tid}/", "graph.microsoft.com"},
	USGov:  {"login.microsoftonline.us", "microsoftonline.us", "", "graph.microsoft.us"},
	China:  {"login.partner.microsoftonline.cn", "partner.microsoftonline.cn", "", "microsoftgraph.chinacloudapi.cn"},
}
