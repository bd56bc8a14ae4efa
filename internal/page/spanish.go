package page

var spanish = wording{
	language: "es", signedIn: "Sesión iniciada como", reference: "Referencia", contact: "¿Preguntas?",
	labels: [labels]string{
		SignIn: "Iniciar sesión", SignInAgain: "Iniciar sesión de nuevo", TryAgain: "Intentar de nuevo", StartPage: "Ir a la página de inicio",
		SignOut: "Cerrar sesión", AnotherAccount: "Usar otra cuenta", Email: "O con su dirección de correo", Next: "Siguiente",
	},
	texts: [subjects]text{
		Internal:          {"Algo ha salido mal", "Inténtelo de nuevo más tarde. Si vuelve a ocurrir, comunique esta referencia al responsable del sitio."},
		UnknownHost:       {"Aquí no hay ningún sitio", "Compruebe la dirección."},
		SiteUnavailable:   {"Este sitio no está disponible en este momento", "Inténtelo de nuevo en un momento."},
		BadPath:           {"Esta dirección no funciona", "Compruebe la dirección o vaya a la página de inicio."},
		MethodNotAllowed:  {"Esto no funciona aquí", "Esta dirección no está pensada para usarse así."},
		CookiesNotKept:    {"Su navegador no conserva el inicio de sesión", "Permita las cookies de este sitio, o continúe en el navegador en el que empezó, e inténtelo de nuevo."},
		AlreadySignedIn:   {"Ya ha iniciado sesión", "Este inicio de sesión ya se completó. No hay nada más que hacer aquí."},
		AccessDenied:      {"No se ha iniciado la sesión", "El inicio de sesión se canceló o no se permitió."},
		AccountRefused:    {"Este sitio no está abierto para usted", "La cuenta con la que ha iniciado sesión no tiene acceso aquí."},
		Forbidden:         {"Esta página no está abierta para usted", "Ha iniciado sesión, pero su cuenta no tiene acceso aquí."},
		SignInUnavailable: {"No es posible iniciar sesión en este momento", "El servicio de inicio de sesión no responde. Inténtelo de nuevo en un momento."},
		SignInFailed:      {"El inicio de sesión no ha funcionado", "Tardó demasiado, se empezó en otro navegador o su enlace ya se había usado."},
		SignInBroken:      {"El inicio de sesión no funciona", "Hay que reparar algo del inicio de sesión de este sitio. Comunique esta referencia a su responsable."},
		SignInRequired:    {"Inicie sesión", "Inicie sesión para continuar."},
		ChooseProvider:    {"Elija cómo iniciar sesión", "Después volverá aquí."},
		SignInElsewhere:   {"Inicie sesión", "El inicio de sesión se abre en una ventana aparte. Después esta página continúa por sí sola, o siga en esa ventana."},
		OpenInBrowser:     {"Esta dirección pide iniciar sesión", "Ábrala en su navegador."},
		ConfirmLogout:     {"¿Cerrar sesión?", "Se cerrará su sesión en este sitio."},
		SignedOut:         {"Ha cerrado la sesión", "Puede cerrar esta ventana o iniciar sesión de nuevo."},
	},
}
